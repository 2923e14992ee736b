{# What the tables of segments show of an axis beside its class: their columns, each with the column of the axis' own
   table (figures, on every day) or of its reasons (notes, today). #}
{% macro axis_figures(axis) -%}
    {%- set figures = {
        'advocacy': {
            'is_advocacy_conflicting': 'is_conflicting', 'may_be_dissatisfied': 'may_be_dissatisfied',
            'turnaround_candidate': 'turnaround_candidate',
        },
    } -%}
    {%- for name in ['deciding_role', 'n', 'n_actively_dissatisfied', 'n_dissatisfied', 'n_neutral', 'n_loyal',
                     'n_advocate'] -%}
        {%- do figures['advocacy'].update({'advocacy_' ~ name: name}) -%}
    {%- endfor -%}
    {%- do figures.update({'touch': {}, 'avatar': {}}) -%}
    {%- for name in ['family_id', 'arr', 'arr_band', 'churn_micro', 'retention_return', 'expansion_return', 'cost',
                     'expected_return', 'cutoff', 'cutoff_on', 'goal', 'left_out'] -%}
        {%- do figures['touch'].update({'touch_' ~ name: name}) -%}
    {%- endfor -%}
    {%- for name in ['momentum_micro', 'momentum_source', 'is_at_plateau', 'is_declining', 'is_on_watch',
                     'watch_ends_on'] -%}
        {%- do figures['avatar'].update({name: name}) -%}
    {%- endfor -%}
    {%- do figures.update({'fit': {
        'fit_sponsor_contradicted': 'sponsor_contradicted', 'fit_discovery_share_micro': 'discovery_share_micro',
        'icp_tier': 'icp_tier', 'icp_best_tier': 'icp_best_tier', 'icp_points': 'icp_points',
        'icp_attributes_known': 'icp_attributes_known',
    }}) -%}
    {{- return(figures.get(axis, {})) -}}
{%- endmacro %}

{% macro axis_notes(axis) -%}
    {{- return({
        'touch': {'touch_assumed': 'assumed'},
        'fit': {
            'icp_rules': 'icp_rules', 'icp_attributes_unknown': 'icp_attributes_unknown',
            'icp_unknown_because': 'icp_unknown_because',
        },
        'avatar': {
            'momentum_unknown_because': 'momentum_unknown_because', 'avatar_personalisation': 'avatar_personalisation',
            'avatar_frequency': 'avatar_frequency', 'avatar_review': 'avatar_review',
        },
    }.get(axis, {})) -}}
{%- endmacro %}
