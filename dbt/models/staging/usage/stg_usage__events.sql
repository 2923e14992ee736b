with source as (

    select * from {{ source('usage', 'events') }}

),

renamed as (

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
    from source

),

-- the same row delivered twice is one row; the same event_id with other content stays two
numbered as (

    select
        *,
        row_number() over (
            partition by
                event_id,
                account_id,
                user_id,
                event_name,
                occurred_at,
                quantity,
                properties
            order by _slot, _delivery, _row
        ) as copy_number
    from renamed

),

deduplicated as (

    select * from numbered
    where copy_number = 1 or event_id is null

)

select * from deduplicated
