{# An amount of minor units as text in whole units of its currency. *minor_units*: how many make one. #}
{% macro whole_units(amount, minor_units) -%}
    cast({{ rounded_ratio(amount, minor_units) }} as varchar)
{%- endmacro %}
