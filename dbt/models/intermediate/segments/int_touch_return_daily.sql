{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what a year of high touch is expected to return, in whole minor units:
-- share x ARR x churn above the base + share x growth potential x possible expansion - hours x their cost
with arr as (

    select * from {{ ref('int_touch_arr_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

lifecycle as (

    select * from {{ ref('int_lifecycle_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

health as (

    select * from {{ ref('health_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

growth as (

    select * from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

facts as (

    select
        arr.*,
        settings.*,
        lifecycle.is_renewal_pending,
        coalesce(lifecycle.stable_class, lifecycle.raw_class, '') as stage,
        coalesce(lifecycle.raw_class, '') as raw_stage,
        case when health.status <> 'churned' then health.risk_bp end as risk_bp,
        growth.growth_bp,
        growth.headroom_micro,
        {{ is_told('health') }} and coalesce(growth.status <> 'held_stale', false) as is_fresh
    from arr
    inner join lifecycle
        on lifecycle.account_id = arr.account_id and lifecycle.as_of_on = arr.as_of_on
    inner join settings
        on settings.scoring_version = lifecycle.scoring_version
    left join health
        on
            health.account_id = arr.account_id
            and health.as_of_on = arr.as_of_on
            and health.scoring_version = lifecycle.scoring_version
    left join growth
        on
            growth.account_id = arr.account_id
            and growth.as_of_on = arr.as_of_on
            and growth.scoring_version = lifecycle.scoring_version

),

estimated as (

    select
        *,
        stage not in ('churned', 'trial', 'free') as is_customer,
        raw_stage not in ('churned', 'trial', 'free') as is_raw_customer,
        case
            when risk_bp < 10000
                then least(highest_churn_micro, {{ rounded_ratio(
                    exact('base_churn_micro') ~ ' * churn_at_half_risk_micro * risk_bp',
                    '(1000000 * (10000 - risk_bp))'
                ) }})
            when risk_bp is not null then highest_churn_micro
        end as churn_micro,
        case
            when headroom_micro < 1000000
                then least(
                    {{ rounded_ratio(exact('arr') ~ ' * largest_expansion_micro', '1000000') }},
                    {{ rounded_ratio(exact('arr') ~ ' * headroom_micro', '(1000000 - headroom_micro)') }}
                )
            when headroom_micro is not null
                then {{ rounded_ratio(exact('arr') ~ ' * largest_expansion_micro', '1000000') }}
        end as possible_expansion
    from facts

),

valued as (

    select
        *,
        case
            when churn_micro <= base_churn_micro and arr is not null then 0
            else {{ rounded_ratio(
                exact('arr') ~ ' * retention_share_micro * (churn_micro - base_churn_micro)', '1000000000000'
            ) }}
        end as retention_return,
        case
            when possible_expansion = 0 then 0
            else {{ rounded_ratio(
                exact('possible_expansion') ~ ' * expansion_share_micro * growth_bp', '10000000000'
            ) }}
        end as expansion_return
    from estimated

)

select
    account_id,
    as_of_on,
    scoring_version,
    greatest(cast(date_trunc('month', as_of_on) as date), {{ first_day() }}) as cutoff_on,
    is_internal,
    family_id,
    stage,
    is_customer,
    is_raw_customer,
    is_renewal_pending,
    is_fresh,
    usage_reason,
    risk_bp,
    growth_bp,
    headroom_micro,
    arr,
    churn_micro,
    possible_expansion,
    retention_return,
    expansion_return,
    cost,
    -- without growth potential the return is what is known of it, at least
    case when is_customer then retention_return + coalesce(expansion_return, 0) - cost end as expected_return
from valued
order by as_of_on
