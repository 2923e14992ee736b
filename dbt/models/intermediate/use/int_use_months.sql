{{ config(materialized='incremental', replace_days_column='month_end_on', replace_days_domain='scores') }}

-- the state of use that has no window, kept by month so that no day needs the whole history
with usage_daily as (

    select * from {{ ref('usage_daily') }}
    where as_of_on >= cast(date_trunc('month', {{ recompute_from('scores') }}) as date)

)

select
    account_id,
    last_day(as_of_on) as month_end_on,
    min(as_of_on) as first_use_on,
    min(case when value_events > 0 then as_of_on end) as first_value_on,
    max(case when value_events > 0 then as_of_on end) as last_value_on,
    cast(sum(case when value_events > 0 then 1 else 0 end) as integer) as value_days
from usage_daily
group by
    account_id,
    last_day(as_of_on)
