with source as (

    select * from {{ source('crm', 'account_merges') }}

),

renamed as (

    select
        -- ids
        from_account_id,
        into_account_id,

        -- dates and timestamps
        merged_on,

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
