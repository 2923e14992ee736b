{{ config(materialized='incremental', replace_days_domain='scores') }}

with candidates as (

    select * from {{ ref('int_growth_candidates_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

largest as (

    select
        *,
        greatest(coalesce(seat_room_micro, -1), coalesce(feature_room_micro, -1)) as known_room_micro,
        greatest(
            coalesce(seat_pressure_micro, -1), coalesce(usage_growth_micro, -1),
            coalesce(expansion_micro, -1), coalesce(champion_micro, -1)
        ) as largest_readiness_micro
    from candidates

),

composed as (

    select
        *,
        case when known_room_micro >= 0 then known_room_micro else mrr_room_micro end as headroom_micro,
        case
            when known_room_micro >= 0 then 'known'
            when mrr_room_micro is not null then 'inferred'
        end as headroom_evidence,
        case
            when known_room_micro < 0 then case when mrr_room_micro is not null then 'mrr' end
            when seat_room_micro = known_room_micro then 'seats'
            else 'features'
        end as headroom_source,
        case when largest_readiness_micro >= 0 then largest_readiness_micro end as readiness_micro,
        case
            when largest_readiness_micro < 0 then null
            when seat_pressure_micro = largest_readiness_micro then 'seat_pressure'
            when usage_growth_micro = largest_readiness_micro then 'usage_growth'
            when expansion_micro = largest_readiness_micro then 'expansion'
            else 'champion'
        end as readiness_source
    from largest

),

scored as (

    select
        *,
        case
            when not is_churned
                then cast(round(1e-2 * sqrt(cast(headroom_micro as double) * readiness_micro)) as bigint)
        end as growth_bp
    from composed

)

select
    account_id,
    as_of_on,
    scoring_version,
    case
        when is_churned then 'churned'
        when headroom_micro is null then 'uncalibrated'
        when readiness_micro is null then 'unknown'
        when is_usage_stale or is_billing_stale then 'held_stale'
        else 'fresh'
    end as status,
    case
        when is_churned then 'the account has churned'
        when headroom_micro is null
            then 'no potential seats, no feature catalogue with plans, and no MRR reference for this scoring version'
        when readiness_micro is null
            then
                'neither people on seats, nor people 180 days ago, nor MRR a year ago, nor an answer is known; '
                || 'user_id in usage.events, a year of billing or nps.responses would tell'
        when is_usage_stale and is_billing_stale then 'usage.events and billing.subscription_items are stale'
        when is_usage_stale then 'usage.events is stale'
        when is_billing_stale then 'billing.subscription_items is stale'
    end as status_reason,
    case when is_usage_stale or is_billing_stale then stale_since_on end as stale_since_on,
    seat_room_micro,
    feature_room_micro,
    mrr_room_micro,
    headroom_micro,
    headroom_source,
    headroom_evidence,
    seat_pressure_micro,
    usage_growth_micro,
    expansion_micro,
    champion_micro,
    readiness_micro,
    readiness_source,
    growth_bp,
    {{ hundredths('growth_bp / 1e2') }} as growth_score
from scored
