-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

-- health as the weighted mean of what is measured, its points, and risk with its floor, before churn keeps the last
with components as (

    select * from {{ ref('int_health_components_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

floors as (

    select * from {{ ref('int_risk_floors_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['hold_below_confidence']) }}
    from {{ ref('health_parameters') }}
    group by scoring_version

),

cumulated as (

    select
        *,
        {{ health_components() | join('_weight_milli + ') }}_weight_milli as weight_milli,
        {%- set sum = namespace(sql='') %}
        {%- for component in health_components() %}
        {%- set sum.sql = sum.sql ~ (' + ' if sum.sql else '')
            ~ 'coalesce(' ~ component ~ '_value_micro, 0) * ' ~ component ~ '_weight_milli' %}
        {{ sum.sql }} as {{ component }}_sum
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from components

),

pointed as (

    select
        *,
        {%- set previous = namespace(name=none) %}
        {%- for component in health_components() %}
        case
            when is_calibrated and {{ component }}_value_micro is not null
                then
                    {{ points_up_to(component ~ '_sum', 'weight_milli') }}
                    {%- if previous.name %}
                    - {{ points_up_to(previous.name ~ '_sum', 'weight_milli') }}
                    {%- endif %}
        end as {{ component }}_points_bp,
        {%- set previous.name = component %}
        {%- endfor %}
        case
            when is_calibrated and weight_milli > 0
                then {{ points_up_to(health_components() | last ~ '_sum', 'weight_milli') }}
        end as health_bp
    from cumulated

),

with_risk as (

    select
        pointed.*,
        floors.floor_name,
        floors.floor_bp,
        case
            when pointed.health_bp is not null then greatest(10000 - pointed.health_bp, coalesce(floors.floor_bp, 0))
        end as risk_bp,
        {{ is_churned('billing') }} as is_churned,
        days.stale_since_on,
        days.is_usage_stale,
        days.is_billing_stale,
        {{ micro("pointed.fresh_weight_milli / cast(nullif(pointed.applicable_weight_milli, 0) as double)") }}
            as confidence_micro,
        parameters.hold_below_confidence
    from pointed
    inner join days
        on days.as_of_on = pointed.as_of_on and days.scoring_version = pointed.scoring_version
    inner join parameters
        on parameters.scoring_version = pointed.scoring_version
    left join floors
        on
            floors.account_id = pointed.account_id
            and floors.as_of_on = pointed.as_of_on
            and floors.scoring_version = pointed.scoring_version
    left join billing
        on billing.account_id = pointed.account_id and billing.as_of_on = pointed.as_of_on

)

select
    account_id,
    as_of_on,
    scoring_version,
    as_of_on as measured_on,
    {%- for component in health_components() %}
    {{ component }}_value_micro,
    {{ component }}_weight_milli,
    {{ component }}_points_bp,
    {%- endfor %}
    health_bp,
    floor_name,
    floor_bp,
    risk_bp - (10000 - health_bp) as floor_points_bp,
    risk_bp,
    confidence_micro,
    is_churned,
    case
        when not is_calibrated then 'uncalibrated'
        when health_bp is null then 'unknown'
        when is_usage_stale or is_billing_stale or confidence_micro < 1e6 * hold_below_confidence then 'held_stale'
        else 'fresh'
    end as status,
    case
        when not is_calibrated then 'no references for this scoring version'
        when is_usage_stale and is_billing_stale then 'usage.events and billing.subscription_items are stale'
        when is_usage_stale then 'usage.events is stale'
        when is_billing_stale then 'billing.subscription_items is stale'
        when health_bp is null then 'nothing is measured'
        when confidence_micro < 1e6 * hold_below_confidence then 'too little is fresh'
    end as status_reason,
    case when is_usage_stale or is_billing_stale then stale_since_on end as stale_since_on
from with_risk
