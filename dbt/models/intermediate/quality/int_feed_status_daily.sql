-- a feed is stale when its expected slot is missing or fails its volume; what is asked for on demand never is
with settings as (

    select * from {{ ref('int_quality_settings') }}

),

input_days as (

    select * from {{ ref('int_input_days') }}

),

volumes as (

    select * from {{ ref('int_input_volumes') }}

),

first_days as (

    select
        table_name,
        feed,
        min(case when is_whole then coalesce(first_event_on, cast('0001-01-01' as date)) else slot end) as first_on,
        max(is_state) as is_state
    from {{ ref('int_input_slots') }}
    group by
        table_name,
        feed

),

marked as (

    select
        input_days.table_name,
        input_days.feed,
        input_days.expected,
        input_days.as_of_on,
        input_days.is_delivered,
        volumes.delivered_rows,
        volumes.delivered_accounts,
        volumes.usual_rows,
        volumes.usual_accounts,
        coalesce(volumes.has_too_few_rows, false) as has_too_few_rows,
        coalesce(volumes.has_too_few_accounts, false) as has_too_few_accounts,
        input_days.is_delivered
        and not coalesce(volumes.has_too_few_rows or volumes.has_too_few_accounts, false) as is_passed,
        -- the first slot of a state speaks for the days before it
        coalesce(first_days.is_state and input_days.as_of_on < first_days.first_on, false) as is_assumed
    from input_days
    left join volumes
        on
            volumes.table_name = input_days.table_name
            and volumes.feed = input_days.feed
            and volumes.as_of_on = input_days.as_of_on
    left join first_days
        on first_days.table_name = input_days.table_name and first_days.feed = input_days.feed

),

passed as (

    select
        *,
        max(case when is_passed then as_of_on end) over (
            partition by table_name, feed order by as_of_on rows between unbounded preceding and current row
        ) as watermark_on
    from marked

)

select
    passed.*,
    case
        when passed.expected = 'on_demand' or passed.is_assumed then false
        when passed.expected = 'weekly'
            then
                passed.watermark_on is null
                or passed.watermark_on <= passed.as_of_on - settings.weekly_slot_age_days
        else not passed.is_passed
    end as is_stale
from passed
cross join settings
