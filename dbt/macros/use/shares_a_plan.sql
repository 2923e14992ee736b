{# Whether two lists separated by | have an entry in common. #}
{% macro shares_a_plan(plans, other_plans) -%}
    {{ return(adapter.dispatch('shares_a_plan')(plans, other_plans)) }}
{%- endmacro %}

{% macro duckdb__shares_a_plan(plans, other_plans) -%}
    list_has_any(string_split({{ plans }}, '|'), string_split({{ other_plans }}, '|'))
{%- endmacro %}

{% macro spark__shares_a_plan(plans, other_plans) -%}
    arrays_overlap(split({{ plans }}, '[|]'), split({{ other_plans }}, '[|]'))
{%- endmacro %}
