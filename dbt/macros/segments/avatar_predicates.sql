{# What the avatar rests on: its sides, its watch and its age; see segment_predicates. Whoever pays nothing has none of
   them, so that beginning and ceasing to pay stand alone. #}
{% macro avatar_predicates() -%}
    {%- set both_pay = 'earlier_axis_facts.is_customer and later_axis_facts.is_customer' -%}
    {%- set predicates = {
        'customer': {'holds': '#_facts.is_customer', 'figure': '@.billing_status'},
        'fast': {
            'holds': '#_standing.is_disruptor',
            'figure':
                "concat_ws(', ', coalesce(cast(" ~ hundredths('#_facts.momentum_micro / 1e6')
                ~ " as varchar), 'unknown'), case when #_facts.is_mrr_falling then 'MRR falls' end,"
                ~ " case when #_facts.mrr < score_references.mrr_median then 'MRR under the median' end)",
            'line':
                "concat(" ~ hundredths('parameters.momentum_enter_at') ~ ", ' and ', "
                ~ hundredths('parameters.momentum_exit_at') ~ ")",
            'by_time':
                'later_axis_standing.is_disruptor and earlier_axis_facts.momentum_micro is null'
                ~ ' and earlier_axis_facts.paid_days < parameters.momentum_paid_days'
                ~ ' and later_axis_facts.paid_days >= parameters.momentum_paid_days',
            'by_data': 'later_axis_standing.is_disruptor and earlier_axis_facts.momentum_micro is null',
        },
        'large': {
            'holds': '#_standing.is_leader',
            'figure': "concat(" ~ whole_money('#_facts.arr') ~ ", ', ', #_facts.paid_days, ' paid days')",
            'line':
                "concat(" ~ whole_money('score_references.arr_enter_at') ~ ", ' and ', " ~ whole_money('score_references.arr_exit_at')
                ~ ", ', after ', parameters.leader_paid_days, ' paid days')",
            'by_time':
                'later_axis_standing.is_leader and earlier_axis_arr.is_high'
                ~ ' and earlier_axis_facts.paid_days < parameters.leader_paid_days',
        },
        'on_watch': {
            'holds': '#_watch.is_on_watch',
            'figure':
                "case when #_watch.is_on_watch then coalesce('until ' || cast(#_watch.watch_ends_on as varchar), 'running')"
                ~ " else 'over' end",
            'line': 'cast(parameters.watch_days as varchar)',
            'by_time': 'not later_axis_watch.is_on_watch',
        },
        'young': {
            'holds': '#_facts.is_young', 'figure': "concat(#_facts.paid_days, ' paid days')",
            'line': 'cast(parameters.entrant_paid_days as varchar)',
        },
        'room_to_grow': {
            'holds': '#_growth.is_high', 'figure': tenths('#_facts.growth_bp / 1e2'),
            'line':
                "concat(" ~ tenths('parameters.entrant_growth_enter_at') ~ ", ' and ', "
                ~ tenths('parameters.entrant_growth_exit_at') ~ ")",
        },
    } -%}
    {%- for name, predicate in predicates.items() if name != 'customer' -%}
        {%- do predicate.update({'matters': both_pay}) -%}
    {%- endfor -%}
    {#- age only ends what an entrant is -#}
    {%- do predicates['young'].update({'matters': both_pay ~ " and changes.from_class = 'entrant'"}) -%}
    {{- return(predicates) -}}
{%- endmacro %}
