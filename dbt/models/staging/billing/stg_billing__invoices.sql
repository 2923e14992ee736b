with source as (

    select * from {{ source('billing', 'invoices') }}

),

renamed as (

    select
        -- ids
        invoice_id,
        account_id,

        -- texts
        status,
        currency,

        -- numbers
        amount,

        -- dates and timestamps
        issued_at,
        issued_on,
        due_at,
        due_on,
        paid_at,
        paid_on,

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
