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

-- from the day of an answer until the person's next one or until it leaves the window
spans as (

    select
        windows.window_days,
        answers.account_id,
        answers.user_id,
        greatest(answers.answered_on, {{ recompute_from('scores') }}) as from_on,
        least({{ open_ended('answers.next_counted_on') }}, answers.answered_on + windows.window_days) as to_on,
        case when answers.voice_class = 'promoter' then 1 else 0 end as promoters,
        case when answers.voice_class = 'detractor' then 1 else 0 end as detractors
    from answers
    cross join windows
    where
        answers.answered_on <= {{ as_of() }}
        and answers.answered_on + windows.window_days > {{ recompute_from('scores') }}
        and {{ open_ended('answers.next_counted_on') }} > {{ recompute_from('scores') }}

),

role_spans as (

    select
        spans.window_days,
        spans.account_id,
        person_roles.buying_role,
        greatest(spans.from_on, person_roles.valid_from) as from_on,
        least(spans.to_on, person_roles.valid_to) as to_on,
        spans.promoters,
        spans.detractors
    from spans
    inner join person_roles
        on
            person_roles.account_id = spans.account_id
            and person_roles.user_id = spans.user_id
            and person_roles.valid_from < spans.to_on
            and person_roles.valid_to > spans.from_on

),

-- of unknown role is who answered, less who holds a role
grouped_spans as (

    select
        window_days,
        account_id,
        'all' as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from spans
    union all
    select
        window_days,
        account_id,
        'unknown' as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from spans
    union all
    select
        window_days,
        account_id,
        'unknown' as segment_group,
        from_on,
        to_on,
        -promoters as promoters,
        -detractors as detractors,
        -1 as people
    from role_spans
    union all
    select
        window_days,
        account_id,
        buying_role as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from role_spans

),

steps as (

    select
        window_days,
        segment_group,
        account_id,
        from_on as step_on,
        people,
        promoters,
        detractors
    from grouped_spans
    union all
    select
        window_days,
        segment_group,
        account_id,
        to_on as step_on,
        -people as people,
        -promoters as promoters,
        -detractors as detractors
    from grouped_spans

),

steps_of_the_day as (

    select
        window_days,
        segment_group,
        account_id,
        step_on,
        sum(people) as people,
        sum(promoters) as promoters,
        sum(detractors) as detractors
    from steps
    group by
        window_days,
        segment_group,
        account_id,
        step_on

),

running as (

    select
        window_days,
        segment_group,
        account_id,
        step_on,
        lead(step_on) over by_day as next_step_on,
        sum(people) over so_far as n,
        sum(promoters) over so_far as promoters,
        sum(detractors) over so_far as detractors
    from steps_of_the_day
    window
        by_day as (partition by window_days, segment_group, account_id order by step_on),
        so_far as (
            partition by window_days, segment_group, account_id
            order by step_on rows between unbounded preceding and current row
        )

),

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
