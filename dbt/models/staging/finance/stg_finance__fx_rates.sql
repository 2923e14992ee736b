with source as (

    select * from {{ source('finance', 'fx_rates') }}

),

renamed as (

    select
        -- texts
        currency,

        -- numbers
        rate,

        -- dates and timestamps
        "date" as rate_on,

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
