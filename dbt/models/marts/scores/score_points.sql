-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

{%- set components = health_components() %}
with changes as (

    select * from {{ ref('int_health_changes_daily') }}
    where as_of_on > {{ as_of() }} - 90 or is_turning_point

),

lines as (

    {%- for component in components %}
    select
        account_id,
        as_of_on,
        scoring_version,
        '{{ component }}' as component,
        {{ component }}_value_micro as value_micro,
        {{ component }}_value_micro_before as value_micro_before,
        {{ component }}_weight_milli as weight_milli,
        {{ component }}_points_bp as points_bp,
        {{ component }}_change_bp as health_change_bp,
        -{{ component }}_change_bp as risk_change_bp
    from changes
    union all
    {%- endfor %}
    select
        account_id,
        as_of_on,
        scoring_version,
        'data' as component,
        null as value_micro,
        null as value_micro_before,
        null as weight_milli,
        null as points_bp,
        health_change_bp - ({{ components | join('_change_bp + ') }}_change_bp) as health_change_bp,
        -(health_change_bp - ({{ components | join('_change_bp + ') }}_change_bp)) as risk_change_bp
    from changes
    union all
    -- the weights of a version never change: a change of weights is a new version
    select
        account_id,
        as_of_on,
        scoring_version,
        'configuration' as component,
        null as value_micro,
        null as value_micro_before,
        null as weight_milli,
        null as points_bp,
        case when health_change_bp is not null then 0 end as health_change_bp,
        case when health_change_bp is not null then 0 end as risk_change_bp
    from changes
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        'floor' as component,
        null as value_micro,
        null as value_micro_before,
        null as weight_milli,
        null as points_bp,
        case when health_change_bp is not null then 0 end as health_change_bp,
        floor_change_bp as risk_change_bp
    from changes

)

select
    account_id,
    as_of_on,
    scoring_version,
    component,
    cast(value_micro as bigint) as value_micro,
    cast(value_micro_before as bigint) as value_micro_before,
    cast(weight_milli as bigint) as weight_milli,
    cast(points_bp as bigint) as points_bp,
    cast(health_change_bp as bigint) as health_change_bp,
    cast(risk_change_bp as bigint) as risk_change_bp
from lines
