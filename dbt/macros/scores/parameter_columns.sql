{# The named parameters of a long seed (scoring_version, parameter, value) as columns of a select grouped by version.
   Counts and lengths in days are integers, everything else is a double. #}
{% macro parameter_columns(names) -%}
    {%- for name in names -%}
        {%- set type = 'integer' if name.endswith('_days') or name.endswith('_n') else 'double' -%}
        cast(max(case when parameter = '{{ name }}' then value end) as {{ type }}) as {{ name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
