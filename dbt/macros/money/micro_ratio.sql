{# A ratio in millionths as a decimal with six places, exactly. #}
{% macro micro_ratio(expression) -%}
    cast({{ expression }} * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}
