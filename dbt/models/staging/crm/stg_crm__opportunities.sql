with source as (

    select * from {{ source('crm', 'opportunities') }}

),

renamed as (

    select
        -- ids
        opportunity_id,
        account_id,

        -- texts
        outcome,
        currency,

        -- numbers
        amount,

        -- dates and timestamps
        opened_at,
        opened_on,
        closed_at,
        closed_on,

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
