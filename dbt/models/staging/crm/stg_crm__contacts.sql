with source as (

    select * from {{ source('crm', 'contacts') }}

),

renamed as (

    select
        -- ids
        account_id,
        user_id,

        -- texts
        buying_role,
        title,
        email,

        -- booleans
        is_active,
        is_champion,

        -- dates and timestamps
        left_on,

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
