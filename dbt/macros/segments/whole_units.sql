{# An amount of minor units as text in whole units of its currency. *minor_units*: how many make one. #}
{% macro whole_units(amount, minor_units) -%}
    cast({{ rounded_ratio(amount, minor_units) }} as varchar)
{%- endmacro %}

{# The same with its currency; null stays null. *settings* is a row of int_touch_settings. #}
{% macro whole_money(amount) -%}
    ({{ whole_units('cast(' ~ amount ~ ' as bigint)', 'settings.minor_units') }} || ' ' || settings.currency)
{%- endmacro %}
