{# Aggregate: the distinct texts of a group in order, separated by |; null without any. #}
{% macro sorted_texts(column) -%}
    {{ return(adapter.dispatch('sorted_texts')(column)) }}
{%- endmacro %}

{% macro duckdb__sorted_texts(column) -%}
    string_agg(distinct {{ column }}, '|' order by {{ column }})
{%- endmacro %}

{% macro spark__sorted_texts(column) -%}
    nullif(array_join(sort_array(collect_set({{ column }})), '|'), '')
{%- endmacro %}
