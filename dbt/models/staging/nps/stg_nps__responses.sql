with source as (

    select * from {{ source('nps', 'responses') }}

),

renamed as (

    select
        -- ids
        response_id,
        account_id,
        user_id,
        survey_id,

        -- texts
        comment,
        survey_kind,
        stage,

        -- numbers
        score,

        -- dates and timestamps
        responded_at,
        responded_on,

        -- provenance
        _feed,
        _slot,
        _known_on,
        _delivery,
        _file,
        _row
    from source

),

-- the same row delivered twice is one row; the same response_id with other content stays two
numbered as (

    select
        *,
        row_number() over (
            partition by
                response_id,
                account_id,
                user_id,
                score,
                comment,
                responded_at,
                survey_id,
                survey_kind,
                stage
            order by _slot, _delivery, _row
        ) as copy_number
    from renamed

),

deduplicated as (

    select * from numbered
    where copy_number = 1

)

select * from deduplicated
