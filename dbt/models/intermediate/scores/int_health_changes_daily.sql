-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

-- two neighbouring days of health side by side: today's values at yesterday's weights between them
with health as (

    select * from {{ ref('health_daily') }}

),

-- named twice, so that a reader who asks for one day reads two
health_before as (

    select * from {{ ref('health_daily') }}

),

pairs as (

    select
        health.account_id,
        health.as_of_on,
        health.scoring_version,
        coalesce(health.status, '') <> coalesce(health_before.status, '')
        or coalesce(health.floor_name, '') <> coalesce(health_before.floor_name, '') as is_turning_point,
        {{ health_side_by_side() }}
    from health
    left join health_before
        on
            health_before.account_id = health.account_id
            and health_before.scoring_version = health.scoring_version
            and health_before.as_of_on = health.as_of_on - 1

),

{{ health_changes(['account_id', 'as_of_on', 'scoring_version', 'is_turning_point']) }}

select * from changed
