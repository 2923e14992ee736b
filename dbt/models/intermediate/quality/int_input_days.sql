-- one row per feed and day, from a look-back before the first day on: was its slot delivered, with how much
with run as (

    select * from {{ source('ops', 'run') }}

),

settings as (

    select * from {{ ref('int_quality_settings') }}

),

feeds as (

    select
        feeds.table_name,
        feeds.feed,
        feeds.expected
    from {{ source('ops', 'feeds') }} as feeds
    inner join {{ source('ops', 'inputs') }} as inputs
        on inputs.table_name = feeds.table_name and inputs.is_connected

),

slots as (

    select * from {{ ref('int_input_slots') }}

),

usage_volumes as (

    select * from {{ ref('int_usage_volumes_daily') }}

),

bounds as (

    select
        cast(run.first_day - 7 * (settings.volume_weekdays_back + 1) as date) as first_on,
        run.as_of_on as last_on
    from run
    cross join settings

),

days as (

    select cast(series.as_of_on as date) as as_of_on
    from (select {{ day_series('bounds.first_on', 'bounds.last_on') }} as as_of_on from bounds) as series

),

whole_files as (

    select * from slots
    where is_whole

),

delivered as (

    select
        feeds.table_name,
        feeds.feed,
        feeds.expected,
        days.as_of_on,
        slots.slot is not null or whole_files.slot is not null as is_delivered,
        case
            when slots.slot is not null then slots.delivered_rows
            when whole_files.slot is not null and feeds.table_name = 'usage.events'
                then coalesce(usage_volumes.events, 0)
        end as delivered_rows,
        case
            when feeds.table_name = 'usage.events' and (slots.slot is not null or whole_files.slot is not null)
                then coalesce(usage_volumes.accounts, 0)
        end as delivered_accounts
    from feeds
    cross join days
    left join slots
        on
            slots.table_name = feeds.table_name
            and slots.feed = feeds.feed
            and slots.slot = days.as_of_on
    left join whole_files
        on
            whole_files.table_name = feeds.table_name
            and whole_files.feed = feeds.feed
            and whole_files.speaks_until_on >= days.as_of_on
            and (whole_files.is_state or coalesce(whole_files.first_event_on, days.as_of_on) <= days.as_of_on)
    left join usage_volumes
        on usage_volumes.usage_on = days.as_of_on

)

select * from delivered
