{{ config(materialized='incremental', replace_days_column='month_end_on', replace_days_domain='scores') }}

-- days between consecutive value days of one month; the gap from one month to the next is int_use_months' to tell
with usage_daily as (

    select * from {{ ref('usage_daily') }}
    where as_of_on >= cast(date_trunc('month', {{ recompute_from('scores') }}) as date)

),

gaps as (

    select
        account_id,
        last_day(as_of_on) as month_end_on,
        {{ days_between(
            'lag(as_of_on) over (partition by account_id, last_day(as_of_on) order by as_of_on)', 'as_of_on'
        ) }} as gap_days
    from usage_daily
    where value_events > 0

)

select
    account_id,
    month_end_on,
    gap_days,
    cast(count(*) as integer) as gaps
from gaps
where gap_days is not null
group by
    account_id,
    month_end_on,
    gap_days
