-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

-- two neighbouring days of health side by side: today's values at yesterday's weights between them.
-- A component that is measured on one of the days only has not changed by itself: its coming or going is data
{%- set components = health_components() %}
with health as (

    select * from {{ ref('health_daily') }}

),

pairs as (

    select
        health.account_id,
        health.as_of_on,
        health.scoring_version,
        health.health_bp,
        health.floor_points_bp,
        health_before.health_bp as health_bp_before,
        health_before.floor_points_bp as floor_points_bp_before,
        coalesce(health.status, '') <> coalesce(health_before.status, '')
        or coalesce(health.floor_name, '') <> coalesce(health_before.floor_name, '') as is_turning_point,
    {%- for component in components %}
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
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
    from health
    left join health as health_before
        on
            health_before.account_id = health.account_id
            and health_before.scoring_version = health.scoring_version
            and health_before.as_of_on = health.as_of_on - 1

),

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

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_turning_point,
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
