-- which day's use and billing a score of a day rests on: the day itself; for a stale table its watermark,
-- for as long as it may be carried; after that none
with days as (

    select * from {{ ref('int_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

status as (

    select * from {{ ref('int_input_status_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

connected as (

    select max(case when table_name = 'nps.responses' and is_connected then 1 else 0 end) = 1 as is_nps_connected
    from {{ source('ops', 'inputs') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['usage_carry_days', 'billing_carry_days']) }}
    from {{ ref('health_parameters') }}
    group by scoring_version

)

select
    days.as_of_on,
    parameters.scoring_version,
    case
        when not coalesce(usage_status.is_stale, false) then days.as_of_on
        when {{ days_between('usage_status.watermark_on', 'days.as_of_on') }} <= parameters.usage_carry_days
            then usage_status.watermark_on
    end as usage_on,
    case
        when not coalesce(billing_status.is_stale, false) then days.as_of_on
        when {{ days_between('billing_status.watermark_on', 'days.as_of_on') }} <= parameters.billing_carry_days
            then billing_status.watermark_on
    end as billing_on,
    case
        when coalesce(billing_status.is_stale, false) then billing_status.watermark_on else days.as_of_on
    end as billing_watermark_on,
    coalesce(usage_status.is_stale, false) as is_usage_stale,
    coalesce(billing_status.is_stale, false) as is_billing_stale,
    case
        when usage_status.is_stale and billing_status.is_stale
            then least(usage_status.stale_since_on, billing_status.stale_since_on)
        when usage_status.is_stale then usage_status.stale_since_on
        when billing_status.is_stale then billing_status.stale_since_on
    end as stale_since_on,
    connected.is_nps_connected
from days
cross join parameters
cross join connected
left join status as usage_status
    on usage_status.as_of_on = days.as_of_on and usage_status.table_name = 'usage.events'
left join status as billing_status
    on billing_status.as_of_on = days.as_of_on and billing_status.table_name = 'billing.subscription_items'
