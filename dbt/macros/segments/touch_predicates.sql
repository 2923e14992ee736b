{# What touch rests on; see segment_predicates. What moved the return and what moved the cut-off are its points. #}
{% macro touch_predicates() -%}
    {%- set stage = "coalesce(@.lifecycle_class, @.lifecycle_raw_class, '')" -%}
    {{- return({
        'customer': {'holds': stage ~ " not in ('churned', 'trial', 'free')", 'figure': "nullif(" ~ stage ~ ", '')"},
        'risk_known': {'holds': '#.risk_bp is not null', 'figure': tenths('#.risk_bp / 1e2')},
        'arr_known': {'holds': '#.arr is not null', 'figure': whole_money('#.arr')},
        'cutoff_known': {'holds': '#.cutoff is not null', 'figure': whole_money('#.cutoff')},
        'pays_the_hours': {
            'holds': '#_side.is_high', 'figure': whole_money('#.expected_return'),
            'line':
                "concat(" ~ whole_money('later_axis.cutoff * settings.enter_at') ~ ", ' and ', "
                ~ whole_money('later_axis.cutoff * settings.exit_at') ~ ")",
        },
    }) -}}
{%- endmacro %}
