with source as (

    select * from {{ source('crm', 'accounts') }}

),

renamed as (

    select
        -- ids
        account_id,
        parent_account_id,

        -- texts
        name,
        industry,
        region,
        country,
        timezone,
        language,
        customer_type,
        business_model,
        life_stage,
        lead_source,
        csm_owner,
        account_owner,
        touch_preference,
        usage_cadence,

        -- numbers
        employee_count,
        potential_seats,

        -- booleans
        is_internal,

        -- dates and timestamps
        created_at,
        created_on,

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
