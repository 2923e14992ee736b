{{ config(materialized='incremental', replace_days_domain='scores') }}

with settings as (

    select {{ seed_values(['year_before_days', 'trend_full_fall_micro', 'ramp_days', 'ramp_min_micro']) }}
    from {{ ref('use_parameters') }}

),

counts as (

    select * from {{ ref('int_use_counts') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

entitlements as (

    select * from {{ ref('int_plan_entitlements') }}

),

portfolio as (

    select * from {{ ref('int_use_portfolio_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

activations as (

    select
        account_id,
        min(activated_on) as activated_on
    from {{ ref('int_use_activation_months') }}
    group by account_id

),

-- since when the use of an account names people
named_uses as (

    select
        account_id,
        min(as_of_on) as first_named_on
    from {{ ref('usage_daily') }}
    where active_people > 0
    group by account_id

),

first_named_uses as (

    select min(first_named_on) as first_named_on from named_uses

),

measured as (

    select
        counts.*,
        -- where there is use and it names nobody, how many people it was is not known; a window without use had nobody
        -- in it, which counts where names are sent: a count that is known only when it is zero is no count
        case
            when counts.mau_count > 0 then counts.mau_count
            when counts.active_days > 0 then null
            when named_uses.first_named_on <= counts.as_of_on then 0
            when counts.last_value_on is null and first_named_uses.first_named_on <= counts.as_of_on then 0
        end as mau,
        settings.trend_full_fall_micro,
        billing.seats,
        entitlements.core_features_entitled,
        portfolio.portfolio_change_micro,
        case when activations.activated_on <= counts.as_of_on then activations.activated_on end as activated_on,
        -- the window of the year before where it is known, else a value day per cadence; until then a use that is
        -- declared seasonal has no yardstick, and where it has ceased its season is over
        case
            when counts.usage_known_days >= settings.year_before_days + counts.window_days
                then 1000000 * counts.active_days_year_before
            when counts.is_seasonal then case when counts.active_days = 0 then 0 end
            else cast(round(1000000.0 * counts.window_days / counts.cadence_days) as bigint)
        end as expected_active_days_micro,
        greatest(
            settings.ramp_min_micro,
            least(1000000, cast(round(1000000.0 * counts.tenure_days / settings.ramp_days) as bigint))
        ) as ramp_micro
    from counts
    cross join settings
    left join billing on billing.account_id = counts.account_id and billing.as_of_on = counts.as_of_on
    left join entitlements on entitlements.plans = coalesce(billing.plans, '')
    left join portfolio on portfolio.as_of_on = counts.as_of_on
    left join activations on activations.account_id = counts.account_id
    left join named_uses on named_uses.account_id = counts.account_id
    cross join first_named_uses

)

select
    account_id,
    as_of_on,
    last_value_on,
    {{ days_between('last_value_on', 'as_of_on') }} as recency_days,
    cadence_days,
    cadence_source,
    window_days,
    cast(active_days as integer) as active_days,
    expected_active_days_micro,
    coalesce(expected_active_days_micro = 0, false) as is_off_season,
    case when mau is not null then dau end as dau,
    case when mau is not null then cast(wau_count as integer) end as wau,
    cast(mau as integer) as mau,
    seats,
    case when seats > 0 then cast(round(1000000.0 * mau / seats) as bigint) end as seat_utilisation_micro,
    case when core_features_entitled is not null then cast(feature_count as integer) end as core_features_used,
    core_features_entitled,
    case
        when core_features_entitled is not null
            then least(1000000, cast(round(1000000.0 * feature_count / core_features_entitled) as bigint))
    end as breadth_micro,
    value_events,
    active_person_days,
    case
        when active_person_days > 0 then cast(round(1000000.0 * value_events / active_person_days) as bigint)
    end as depth_micro,
    case
        when expected_active_days_micro > 0
            then least(1000000, cast(round(1000000.0 * 1000000 * active_days / expected_active_days_micro) as bigint))
    end as frequency_micro,
    trend_change_micro,
    portfolio_change_micro,
    -- out of season there is nothing to compare with
    case
        when expected_active_days_micro > 0 and trend_change_micro is not null
            then greatest(0, least(1000000, cast(round(
                1000000.0
                + 1000000.0 * (trend_change_micro - least(0, coalesce(portfolio_change_micro, 0)))
                / trend_full_fall_micro
            ) as bigint)))
    end as trend_micro,
    ramp_micro,
    activated_on,
    usage_known_days
from measured
