with renamed as (

    select
        -- ids
        event_id,
        account_id,
        user_id,

        -- texts
        event_name,
        properties,

        -- numbers
        quantity,

        -- dates and timestamps
        occurred_at,
        occurred_on,

        -- provenance
        _feed,
        _slot,
        _known_on,
        _delivery,
        _file,
        _row
    from {{ source('usage', 'events') }}

),

-- The same row delivered twice is one row; the same event_id with other content stays two. Within a delivery the loader
-- has already dropped repeats, and a repeat has its original's day: so only rows of a day whose event_id also came with
-- another delivery than the one that brought most of that day need comparing.
delivery_days as (

    select
        occurred_on,
        _delivery,
        count(*) as event_count
    from {{ source('usage', 'events') }}
    group by
        occurred_on,
        _delivery

),

main_deliveries as (

    select
        occurred_on,
        _delivery,
        row_number() over (partition by occurred_on order by event_count desc, _delivery asc) as place
    from delivery_days

),

other_ids as (

    select distinct
        events.occurred_on,
        events.event_id
    from {{ source('usage', 'events') }} as events
    inner join main_deliveries
        on
            main_deliveries.occurred_on = events.occurred_on
            and main_deliveries._delivery = events._delivery
            and main_deliveries.place > 1
    where events.event_id is not null

),

numbered as (

    select
        events.occurred_on,
        events._delivery,
        events._row,
        row_number() over (
            partition by
                events.occurred_on,
                events.event_id,
                events.account_id,
                events.user_id,
                events.event_name,
                events.occurred_at,
                events.quantity,
                events.properties
            order by events._slot, events._delivery, events._row
        ) as copy_number
    from {{ source('usage', 'events') }} as events
    inner join other_ids
        on other_ids.occurred_on = events.occurred_on and other_ids.event_id = events.event_id

),

copies as (

    select * from numbered
    where copy_number > 1

),

deduplicated as (

    select renamed.*
    from renamed
    left join copies
        on
            copies.occurred_on = renamed.occurred_on
            and copies._delivery = renamed._delivery
            and copies._row = renamed._row
    where copies._row is null

)

select * from deduplicated
