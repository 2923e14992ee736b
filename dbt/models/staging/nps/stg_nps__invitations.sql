with source as (

    select * from {{ source('nps', 'invitations') }}

),

renamed as (

    select
        -- ids
        survey_id,
        account_id,
        user_id,

        -- dates and timestamps
        sent_at,
        sent_on,

        -- provenance
        _feed,
        _slot,
        _known_on,
        _delivery,
        _file,
        _row
    from source

),

-- the same row delivered twice is one row; the same survey_id with other content stays two
numbered as (

    select
        *,
        row_number() over (
            partition by
                survey_id,
                account_id,
                user_id,
                sent_at
            order by _slot, _delivery, _row
        ) as copy_number
    from renamed

),

deduplicated as (

    select * from numbered
    where copy_number = 1

)

select * from deduplicated
