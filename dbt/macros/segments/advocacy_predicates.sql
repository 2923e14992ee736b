{# What advocacy rests on: who is heard, what most of them have shown, and what the account does beside it; see
   segment_predicates. Where nobody who counts said or did anything, nobody's role changed and the account is in the same
   situation, something has aged. #}
{% macro advocacy_predicates() -%}
    {%- set by_people = {
        'by_time':
            "not coalesce(evidence.has_spoken, false) and case when earlier_axis.situation = later_axis.situation"
            ~ " then not coalesce(evidence.has_changed_role, false) else " ~ is_mrr_same()
            ~ " and earlier_axis_engagement.is_high = later_axis_engagement.is_high end",
        'by_data':
            'not coalesce(evidence.has_spoken, false) and evidence.has_changed_role'
            ~ ' and earlier_axis.situation = later_axis.situation',
    } -%}
    {%- set both_heard = {'matters': 'earlier_axis.n > 0 and later_axis.n > 0'} -%}
    {%- set role = "replace(#.deciding_role, '_', ' ')" -%}
    {%- set predicates = {
        'heard': dict(
            by_people, holds='#.n > 0',
            figure="case when #.n > 0 then concat(" ~ role ~ ", ': ', replace(#.stable_class, '_', ' ')) else 'nobody' end"
        ),
        'decision_maker_heard': dict(
            by_people, holds="#.deciding_role = 'decision_maker'", figure=role, **both_heard
        ),
        'influencer_heard': dict(
            by_people, holds="#.deciding_role in ('decision_maker', 'influencer')", figure=role, **both_heard
        ),
    } -%}
    {%- for class in (advocacy_classes().values() | first).keys() -%}
        {%- do predicates.update({class: dict(
            by_people, holds="#.stable_class = '" ~ class ~ "'", figure="concat(#.n_" ~ class ~ ", ' of ', #.n)",
            **both_heard
        )}) -%}
    {%- endfor -%}
    {%- do predicates.update({
        'mrr_kept': {
            'holds': "#.situation <> 'shrunk'", 'figure': whole_money('(@.mrr + @.mrr_provisional)'),
            'line': percent('1e6 * parameters.kept_mrr'), 'by_time': is_mrr_same(),
            'matters':
                "coalesce(changes.from_class, 'loyal') in ('neutral', 'loyal')"
                ~ " and coalesce(changes.to_class, 'loyal') in ('neutral', 'loyal')",
        },
        'engaged': {
            'holds': '#_engagement.is_high and @.paid_days >= parameters.loyal_paid_days',
            'figure': "concat(" ~ tenths('@.engagement_bp / 1e2') ~ ", ', ', @.paid_days, ' paid days')",
            'line':
                "concat(" ~ tenths('parameters.engagement_enter_at') ~ ", ' and ', "
                ~ tenths('parameters.engagement_exit_at') ~ ", ', after ', parameters.loyal_paid_days, ' paid days')",
            'by_time': 'earlier_axis_engagement.is_high and later_axis_engagement.is_high',
            'matters': "changes.from_class in ('neutral', 'loyal') and changes.to_class in ('neutral', 'loyal')",
        },
    }) -%}
    {{- return(predicates) -}}
{%- endmacro %}

{# Whether the account pays the same on both days, so that only what it is compared with can have moved. #}
{% macro is_mrr_same() -%}
    earlier.mrr + earlier.mrr_provisional = later.mrr + later.mrr_provisional
{%- endmacro %}
