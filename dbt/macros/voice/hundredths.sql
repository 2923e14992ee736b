{# A float as a decimal with two places: rounded to an integer row by row, so that every engine prints the same. #}
{% macro hundredths(expression) -%}
    cast(cast(round(1e2 * ({{ expression }})) as bigint) * cast(0.01 as decimal(3, 2)) as decimal(7, 2))
{%- endmacro %}
