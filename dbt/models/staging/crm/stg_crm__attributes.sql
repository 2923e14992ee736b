with source as (

    select * from {{ source('crm', 'attributes') }}

),

renamed as (

    select
        -- ids
        account_id,

        -- texts
        attribute,
        value,

        -- dates and timestamps
        valid_from as holds_from_on,

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
