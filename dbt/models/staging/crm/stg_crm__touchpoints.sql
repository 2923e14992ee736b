with source as (

    select * from {{ source('crm', 'touchpoints') }}

),

renamed as (

    select
        -- ids
        touchpoint_id,
        account_id,
        user_id,
        content_id,

        -- texts
        kind,
        channel,
        purpose,
        stage,

        -- numbers
        sentiment,

        -- booleans
        is_prompted,

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

-- the same row delivered twice is one row; the same touchpoint_id with other content stays two
numbered as (

    select
        *,
        row_number() over (
            partition by
                touchpoint_id,
                account_id,
                user_id,
                kind,
                occurred_at,
                channel,
                purpose,
                is_prompted,
                sentiment,
                stage,
                content_id
            order by _slot, _delivery, _row
        ) as copy_number
    from renamed

),

deduplicated as (

    select * from numbered
    where copy_number = 1

)

select * from deduplicated
