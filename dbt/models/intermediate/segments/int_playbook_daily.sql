{{ config(materialized='incremental', replace_days_domain='scores') }}

-- growth potential against risk: the raw class from today's scores, the stable one from the sides of the two borders
with lifecycle as (

    select * from {{ ref('int_lifecycle_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

risk as (

    select * from {{ ref('int_risk_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

growth as (

    select * from {{ ref('int_growth_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

-- why growth potential is not known
potentials as (

    select * from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and growth_bp is null

),

borders as (

    select
        scoring_version,
        max(case when border = 'risk' then enter_at end) as risk_enter_at,
        max(case when border = 'growth' then enter_at end) as growth_enter_at
    from {{ ref('segment_borders') }}
    where axis = 'playbook'
    group by scoring_version

),

sides as (

    select
        lifecycle.account_id,
        lifecycle.as_of_on,
        lifecycle.scoring_version,
        lifecycle.stable_class as stage,
        lifecycle.raw_class as raw_stage,
        lifecycle.is_renewal_pending,
        risk.quantity as risk,
        growth.quantity as growth,
        potentials.status_reason as growth_unknown_reason,
        risk.is_high as is_at_risk,
        growth.is_high as is_growing,
        risk.since_on as risk_since_on,
        growth.since_on as growth_since_on,
        coalesce(risk.is_fresh and growth.is_fresh, false) as is_fresh,
        greatest(coalesce(risk.pending_days, 0), coalesce(growth.pending_days, 0)) as pending_days,
        risk.quantity >= borders.risk_enter_at as is_raw_at_risk,
        growth.quantity >= borders.growth_enter_at as is_raw_growing
    from lifecycle
    inner join borders
        on borders.scoring_version = lifecycle.scoring_version
    left join risk
        on
            risk.account_id = lifecycle.account_id
            and risk.as_of_on = lifecycle.as_of_on
            and risk.scoring_version = lifecycle.scoring_version
    left join growth
        on
            growth.account_id = lifecycle.account_id
            and growth.as_of_on = lifecycle.as_of_on
            and growth.scoring_version = lifecycle.scoring_version
    left join potentials
        on
            potentials.account_id = lifecycle.account_id
            and potentials.as_of_on = lifecycle.as_of_on
            and potentials.scoring_version = lifecycle.scoring_version

),

chosen as (

    select
        *,
        {{ playbook_class('raw_stage', 'is_raw_at_risk', 'is_raw_growing') }} as raw_class,
        {{ playbook_class('stage', 'is_at_risk', 'is_growing') }} as stable_class
    from sides

),

{{ class_since() }}

select
    account_id,
    as_of_on,
    scoring_version,
    raw_class,
    stable_class,
    since_on,
    cast(case when stable_class in ('invest', 'protect', 'grow', 'sustain') then pending_days else 0 end as integer)
        as pending_days,
    case
        when stable_class is null then 'unknown'
        when is_renewal_pending then 'renewal_pending'
        when not is_fresh and stable_class <> 'onboarding' then 'held_stale'
        else 'fresh'
    end as status,
    case
        when stable_class is not null then null
        when stage in ('churned', 'paused', 'trial', 'free') then 'no customer at present: ' || stage
        when risk is null then 'risk is unknown'
        when growth is null then concat_ws(': ', 'growth potential is unknown', growth_unknown_reason)
        when is_at_risk is null or is_growing is null then 'no fresh day of risk and of growth potential yet'
        else 'the lifecycle stage is unknown'
    end as unknown_because,
    stage,
    risk,
    growth,
    is_at_risk,
    is_growing,
    risk_since_on,
    growth_since_on
from dated
order by as_of_on
