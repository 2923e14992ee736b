{# The fields of account_segments_daily that a restatement can concern: every column but the keys. #}
{% macro restated_fields() -%}
    {%- set keys = ['as_of_on', 'account_id', 'scoring_version'] -%}
    {%- set fields = [] -%}
    {%- set relation = ref('account_segments_daily') -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name not in keys -%}
            {%- do fields.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(fields) -}}
{%- endmacro %}

{# The same fields that were already there when a day was published; a field added since was unknown then. #}
{% macro published_fields() -%}
    {%- set fields = [] -%}
    {%- set relation = source('published', 'account_segments_as_published') -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do fields.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(fields) -}}
{%- endmacro %}
