{# The axes of account_segments that are built, in the order of their columns. #}
{% macro segment_axes() -%}
    {{- return(['lifecycle', 'playbook', 'fit', 'advocacy', 'touch']) -}}
{%- endmacro %}

{# The columns that every axis has on every day, by the column of its own table; its reasons are told of today. #}
{% macro axis_columns() -%}
    {{- return({
        'class': 'stable_class', 'raw_class': 'raw_class', 'since_on': 'since_on', 'pending_days': 'pending_days',
        'status': 'status', 'unknown_because': 'unknown_because',
    }) -}}
{%- endmacro %}

{# The figures that an axis shows beside its class on every day, as its own table names them. #}
{% macro axis_figures(axis) -%}
    {{- return({
        'advocacy': [
            'deciding_role', 'n', 'n_actively_dissatisfied', 'n_dissatisfied', 'n_neutral', 'n_loyal', 'n_advocate',
        ],
        'touch': [
            'family_id', 'arr', 'arr_band', 'churn_micro', 'retention_return', 'expansion_return', 'cost',
            'expected_return', 'cutoff', 'cutoff_on', 'goal', 'left_out',
        ],
    }.get(axis, [])) -}}
{%- endmacro %}

{# What an axis tells of today besides its reasons. #}
{% macro axis_notes(axis) -%}
    {{- return({'touch': ['assumed']}.get(axis, [])) -}}
{%- endmacro %}
