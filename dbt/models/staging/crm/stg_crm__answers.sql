with source as (

    select * from {{ source('crm', 'answers') }}

),

renamed as (

    select
        -- ids
        account_id,
        user_id,

        -- texts
        question,
        answer,
        author,

        -- numbers
        rating,

        -- dates and timestamps
        answered_on,

        -- provenance
        _feed,
        _slot,
        _known_on,
        _delivery,
        _file,
        _row
    from source

)

select * from renamed
