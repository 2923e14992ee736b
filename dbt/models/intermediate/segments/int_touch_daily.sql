{{ config(materialized='incremental', replace_days_domain='scores') }}

-- high touch or low: the raw class from today's return, the stable one from the side of the cut-off
with returns as (

    select * from {{ ref('int_touch_return_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

sides as (

    select * from {{ ref('int_touch_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

goals as (

    select * from {{ ref('int_touch_goals_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

cutoffs as (

    select * from {{ ref('int_touch_cutoff_months') }}

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

bands as (

    select * from {{ ref('arr_bands') }}

),

chosen as (

    select
        returns.*,
        cutoffs.cutoff,
        cutoffs.known_accounts,
        sides.pending_days,
        goals.goal,
        goals.has_contacts,
        bands.arr_band,
        case
            when not returns.is_raw_customer or sides.quantity is null then null
            when sides.quantity >= cutoffs.cutoff * settings.enter_at then 'high'
            else 'low'
        end as raw_class,
        case
            when not returns.is_customer or sides.is_high is null then null
            when sides.is_high then 'high'
            else 'low'
        end as stable_class
    from returns
    inner join sides
        on
            sides.account_id = returns.account_id
            and sides.as_of_on = returns.as_of_on
            and sides.scoring_version = returns.scoring_version
    inner join goals
        on
            goals.account_id = returns.account_id
            and goals.as_of_on = returns.as_of_on
            and goals.scoring_version = returns.scoring_version
    inner join settings
        on settings.scoring_version = returns.scoring_version
    left join cutoffs
        on cutoffs.scoring_version = returns.scoring_version and cutoffs.cutoff_on = returns.cutoff_on
    left join bands
        on
            returns.arr >= bands.arr_from * settings.minor_units
            and (bands.arr_to is null or returns.arr < bands.arr_to * settings.minor_units)

),

{{ class_since() }}

select
    account_id,
    as_of_on,
    scoring_version,
    raw_class,
    stable_class,
    since_on,
    cast(case when stable_class is not null then pending_days else 0 end as integer) as pending_days,
    case
        when stable_class is null then 'unknown'
        when is_renewal_pending then 'renewal_pending'
        when not is_fresh then 'held_stale'
        else 'fresh'
    end as status,
    case
        when stable_class is not null then null
        when not is_customer then 'no customer at present: ' || stage
        when risk_bp is null then 'risk is unknown'
        when arr is null then 'ARR is unknown: ' || usage_reason
        when coalesce(known_accounts, 0) = 0
            then 'no return was known on ' || cast(cutoff_on as varchar) || ', when the cut-off was set'
        else 'no fresh day yet'
    end as unknown_because,
    family_id,
    risk_bp,
    arr,
    arr_band,
    churn_micro,
    retention_return,
    expansion_return,
    cost,
    expected_return,
    cutoff,
    cutoff_on,
    case when stable_class is not null then goal end as goal,
    nullif(concat_ws(
        '|',
        case when not has_contacts then 'contacts' end,
        case when expansion_return is null then 'growth' end,
        case when usage_reason is not null then 'metered_use' end
    ), '') as left_out
from dated
order by as_of_on
