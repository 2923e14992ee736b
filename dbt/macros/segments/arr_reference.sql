{# The name of the frozen reference of a percentile of ARR: 80 is arr_p80. #}
{% macro arr_reference(percentile) -%}
    concat('arr_p', cast(cast({{ percentile }} as integer) as varchar))
{%- endmacro %}
