with source as (

    select * from {{ source('billing', 'subscription_items') }}

),

renamed as (

    select
        -- ids
        subscription_id,
        item_id,
        account_id,

        -- texts
        plan,
        status,
        currency,
        "interval" as billing_interval,
        pricing,

        -- numbers
        quantity,
        unit_amount,
        interval_count,
        discount_percent,
        discount_amount,
        seats,
        notice_days,

        -- booleans
        auto_renews,

        -- dates and timestamps
        status_since,
        status_since_on,
        starts_at,
        starts_on,
        ends_at,
        ends_on,
        canceled_at,
        canceled_on,
        trial_ends_at,
        trial_ends_on,
        discount_ends_at,
        discount_ends_on,
        renews_on,

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
