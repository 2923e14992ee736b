with source as (

    select * from {{ source('finance', 'costs') }}

),

renamed as (

    select
        -- ids
        account_id,

        -- texts
        "group" as cost_group,
        kind,
        currency,

        -- numbers
        amount,

        -- dates and timestamps
        "month" as month_on,

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
