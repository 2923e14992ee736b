{# A whole number that does not overflow: products of amounts, quantities and rates are exact. #}
{% macro exact(expression) -%}
    {{ return(adapter.dispatch('exact')(expression)) }}
{%- endmacro %}

{% macro duckdb__exact(expression) -%}
    cast({{ expression }} as hugeint)
{%- endmacro %}

{% macro spark__exact(expression) -%}
    cast({{ expression }} as decimal(38, 0))
{%- endmacro %}
