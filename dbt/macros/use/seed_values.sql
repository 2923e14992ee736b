{# The named rows of a parameter seed (parameter, value) as columns of a select list; integers. #}
{% macro seed_values(names) -%}
    {%- for name in names -%}
        max(case when parameter = '{{ name }}' then value end) as {{ name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
