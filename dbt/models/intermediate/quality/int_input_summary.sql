-- everything that is known about each table of the contract, side by side
with inputs as (

    select * from {{ source('ops', 'inputs') }}

),

deliveries as (

    select * from {{ ref('int_input_deliveries') }}

),

status_today as (

    select * from {{ ref('int_input_status_daily') }}
    where as_of_on = {{ as_of() }}

),

feeds as (

    select
        table_name,
        case when min(delivery) = max(delivery) then min(delivery) else 'mixed' end as delivery,
        case when min(expected) = max(expected) then min(expected) else 'mixed' end as expected
    from {{ source('ops', 'feeds') }}
    group by table_name

),

missing as (

    select
        table_name,
        cast(count(distinct as_of_on) as bigint) as missing_slots,
        min(as_of_on) as first_missing_on,
        max(as_of_on) as last_missing_on
    from {{ ref('int_feed_status_daily') }}
    where is_stale and not is_delivered and as_of_on >= {{ first_day() }}
    group by table_name

),

same_ids as (

    select * from {{ ref('int_input_same_ids') }}

),

unknown_accounts as (

    select * from {{ ref('int_input_unknown_accounts') }}

)

select
    inputs.table_name,
    {{ as_of() }} as as_of_on,
    inputs.is_connected,
    inputs.is_required,
    feeds.delivery,
    feeds.expected,
    deliveries.last_slot_on,
    deliveries.last_known_on,
    status_today.watermark_on,
    coalesce(missing.missing_slots, 0) as missing_slots,
    missing.first_missing_on,
    missing.last_missing_on,
    status_today.is_stale,
    status_today.stale_since_on,
    status_today.reason,
    coalesce(deliveries.deliveries, 0) as deliveries,
    coalesce(deliveries.late_deliveries, 0) as late_deliveries,
    coalesce(deliveries.refused_deliveries, 0) as refused_deliveries,
    deliveries.last_refusal,
    coalesce(deliveries.received_rows, 0) as received_rows,
    coalesce(deliveries.loaded_rows, 0) as loaded_rows,
    coalesce(deliveries.unchanged_rows, 0) as unchanged_rows,
    coalesce(deliveries.quarantined_rows, 0) as quarantined_rows,
    coalesce(deliveries.duplicate_rows, 0) as duplicate_rows,
    coalesce(deliveries.blocked_rows, 0) as blocked_rows,
    unknown_accounts.unknown_account_rows,
    coalesce(same_ids.same_ids, 0) as same_ids,
    inputs.needed_by
from inputs
inner join status_today
    on status_today.table_name = inputs.table_name
left join feeds
    on feeds.table_name = inputs.table_name
left join deliveries
    on deliveries.table_name = inputs.table_name
left join missing
    on missing.table_name = inputs.table_name
left join same_ids
    on same_ids.table_name = inputs.table_name
left join unknown_accounts
    on unknown_accounts.table_name = inputs.table_name
