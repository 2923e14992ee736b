{# The axes of account_segments that are built, in the order of their columns. #}
{% macro segment_axes() -%}
    {{- return(['avatar', 'advocacy', 'fit', 'touch', 'playbook', 'lifecycle']) -}}
{%- endmacro %}

{# The columns that every axis has on every day, by the column of its own table; its reasons are told of today. #}
{% macro axis_columns() -%}
    {{- return({
        'class': 'stable_class', 'raw_class': 'raw_class', 'since_on': 'since_on', 'pending_days': 'pending_days',
        'status': 'status', 'unknown_because': 'unknown_because',
    }) -}}
{%- endmacro %}
