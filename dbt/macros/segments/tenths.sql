{# A number as text with one decimal. #}
{% macro tenths(column) -%}
    cast(cast(round({{ column }}, 1) as decimal(18, 1)) as varchar)
{%- endmacro %}

{# A share in millionths as whole percent; null stays null. #}
{% macro percent(column_micro) -%}
    (cast(cast(round({{ column_micro }} / 1e4) as bigint) as varchar) || ' %')
{%- endmacro %}

{# The same with its sign: +12 %, -3 %. #}
{% macro signed_percent(column_micro) -%}
    case when round({{ column_micro }} / 1e4) > 0 then '+' else '' end || {{ percent(column_micro) }}
{%- endmacro %}
