{# How many words a text has: runs without a space that hold a letter; 0 of none. #}
{% macro word_count(column) -%}
    {{ return(adapter.dispatch('word_count')(column)) }}
{%- endmacro %}

{% macro duckdb__word_count(column) -%}
    coalesce(cast(len(regexp_extract_all({{ column }}, '\S*\p{L}\S*')) as integer), 0)
{%- endmacro %}

{% macro spark__word_count(column) -%}
    coalesce(size(regexp_extract_all({{ column }}, '\\S*\\p{L}\\S*', 0)), 0)
{%- endmacro %}
