{# One row per whole number from the first to the last, both included; use in a select list. #}
{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series')(first, last)) }}
{%- endmacro %}

{% macro duckdb__number_series(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{% macro spark__number_series(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}
