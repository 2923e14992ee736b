with source as (

    select * from {{ source('crm', 'overrides') }}

),

renamed as (

    select
        -- ids
        account_id,

        -- texts
        axis,
        decision,
        segment,
        reason,
        author,

        -- dates and timestamps
        set_on,
        expires_on,

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
