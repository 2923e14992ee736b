{#- A count with its noun, and its verb where one follows: '1 row is', '2 rows are'. -#}
{% macro counted(count, one, many) -%}
case when {{ count }} = 1 then '1 {{ one }}' else cast({{ count }} as varchar) || ' {{ many }}' end
{%- endmacro %}
