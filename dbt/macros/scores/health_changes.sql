{# The columns of two days of health side by side, from the aliases health and health_before. #}
{% macro health_side_by_side() -%}
    health.health_bp,
    health.floor_points_bp,
    health_before.health_bp as health_bp_before,
    health_before.floor_points_bp as floor_points_bp_before
    {%- for component in health_components() %},
    health.{{ component }}_value_micro,
    health.{{ component }}_weight_milli,
    health.{{ component }}_points_bp,
    health_before.{{ component }}_value_micro as {{ component }}_value_micro_before,
    health_before.{{ component }}_weight_milli as {{ component }}_weight_milli_before,
    health_before.{{ component }}_points_bp as {{ component }}_points_bp_before,
    coalesce(
        case
            when health_before.{{ component }}_value_micro is not null
                then coalesce(health.{{ component }}_value_micro, health_before.{{ component }}_value_micro)
        end, 0
    ) * health_before.{{ component }}_weight_milli as {{ component }}_weighted
    {%- endfor %}
{%- endmacro %}

{# CTEs that end in changed: what each component adds to health between two days, at the earlier weights, and what is
   left to data. A component that is measured on one of the days only has not changed by itself: its coming or going is
   data. From a CTE pairs with the columns above; keys: the other columns to carry on. #}
{% macro health_changes(keys) -%}
{%- set components = health_components() -%}
moved as (

    select
        *,
        {{ components | join('_weight_milli_before + ') }}_weight_milli_before
            as weight_milli_before,
        {%- set sum = namespace(sql='') %}
        {%- for component in components %}
        {%- set sum.sql = sum.sql ~ (' + ' if sum.sql else '') ~ component ~ '_weighted' %}
        {{ sum.sql }} as {{ component }}_sum
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from pairs

),

changed as (

    select
        {{ keys | join(',\n        ') }},
        health_bp,
        health_bp_before,
        health_bp - health_bp_before as health_change_bp,
        floor_points_bp - floor_points_bp_before as floor_change_bp,
        {%- set previous = namespace(name=none) %}
        {%- for component in components %}
        {{ component }}_value_micro,
        {{ component }}_value_micro_before,
        {{ component }}_weight_milli,
        {{ component }}_points_bp,
        {{ component }}_points_bp_before,
        case
            when health_bp is null or health_bp_before is null then null
            when {{ component }}_value_micro is null or {{ component }}_value_micro_before is null then 0
            else
                {{ points_up_to(component ~ '_sum', 'weight_milli_before') }}
                {%- if previous.name %}
                - {{ points_up_to(previous.name ~ '_sum', 'weight_milli_before') }}
                {%- endif %}
                - {{ component }}_points_bp_before
        end as {{ component }}_change_bp
        {%- if not loop.last %},{% endif %}
        {%- set previous.name = component %}
        {%- endfor %}
    from moved

)
{%- endmacro %}
