with source as (

    select * from {{ source('crm', 'goals') }}

),

renamed as (

    select
        -- ids
        account_id,

        -- texts
        goal,
        metric,

        -- numbers
        target,
        measured_value,

        -- booleans
        confirmed_by_customer,

        -- dates and timestamps
        due_on,
        accepted_on,
        attained_on,

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
