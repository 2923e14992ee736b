{{ config(materialized='incremental', replace_days_domain='scores') }}

-- each person's latest counted answer in the window, company-wide, without internal accounts: steps up where an
-- answer begins to count and down where it ends, so that an account is counted once a day and not each person;
-- an account's ARR is spread evenly over its people who answered
with frame as (

    select * from {{ ref('int_nps_groups_daily') }}

),

invited as (

    select * from {{ ref('int_nps_invited_daily') }}

),

answers as (

    select * from {{ ref('int_nps_answers') }}
    where is_counted

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }} and not is_internal

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

windows as (

    select distinct window_days from frame

),

{{ nps_account_steps() }},

by_account as (

    select
        window_days,
        segment_group,
        account_id,
        cast(n as integer) as n,
        cast(promoters as integer) as promoters,
        cast(detractors as integer) as detractors,
        {{ day_series('step_on', 'least(next_step_on - 1, ' ~ as_of() ~ ')') }} as as_of_on
    from running
    where n > 0 and step_on <= {{ as_of() }}

),

counted as (

    select
        by_account.as_of_on,
        by_account.window_days,
        by_account.segment_group,
        cast(sum(by_account.n) as bigint) as n,
        cast(sum(by_account.promoters) as bigint) as promoters,
        cast(sum(by_account.detractors) as bigint) as detractors,
        cast(sum(12 * coalesce(billing.mrr, 0)) as bigint) as arr,
        cast(sum(cast(round(
            12e0 * coalesce(billing.mrr, 0) * (by_account.promoters - by_account.detractors) / by_account.n
        ) as bigint)) as bigint) as arr_balance
    from by_account
    inner join account_days
        on account_days.account_id = by_account.account_id and account_days.as_of_on = by_account.as_of_on
    left join billing
        on billing.account_id = by_account.account_id and billing.as_of_on = by_account.as_of_on
    group by
        by_account.as_of_on,
        by_account.window_days,
        by_account.segment_group

)

select
    frame.as_of_on,
    frame.window_days,
    frame.segment_group,
    coalesce(counted.n, 0) as n,
    coalesce(counted.promoters, 0) as promoters,
    coalesce(counted.detractors, 0) as detractors,
    coalesce(counted.arr, 0) as arr,
    coalesce(counted.arr_balance, 0) as arr_balance,
    invited.invited,
    invited.responded
from frame
inner join invited
    on
        invited.as_of_on = frame.as_of_on
        and invited.window_days = frame.window_days
        and invited.segment_group = frame.segment_group
left join counted
    on
        counted.as_of_on = frame.as_of_on
        and counted.window_days = frame.window_days
        and counted.segment_group = frame.segment_group
