{# Aggregate: the texts of a group in the order of a key, with a separator between them; null without any. #}
{% macro ordered_texts(column, key, separator) -%}
    {{ return(adapter.dispatch('ordered_texts')(column, key, separator)) }}
{%- endmacro %}

{% macro duckdb__ordered_texts(column, key, separator) -%}
    string_agg({{ column }}, '{{ separator }}' order by {{ key }}, {{ column }})
{%- endmacro %}

{% macro spark__ordered_texts(column, key, separator) -%}
    nullif(array_join(
        transform(array_sort(collect_list(struct({{ key }} as key, {{ column }} as text))), pair -> pair.text),
        '{{ separator }}'
    ), '')
{%- endmacro %}
