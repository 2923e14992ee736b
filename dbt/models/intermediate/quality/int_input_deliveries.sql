-- what all deliveries of a table add up to, in force or not
with settings as (

    select * from {{ ref('int_quality_settings') }}

),

deliveries as (

    select * from {{ source('ops', 'deliveries') }}

),

ordered as (

    select
        *,
        -- what a feed's first load brings is history, not late
        min(known_on) over (partition by table_name, feed) as first_known_on,
        row_number() over (
            partition by table_name, is_open_refusal order by known_on desc, delivery_id desc
        ) as newest_first
    from deliveries

)

select
    ordered.table_name,
    cast(count(*) as bigint) as deliveries,
    max(case when ordered.is_in_force and ordered.slot < cast('9999-12-31' as date) then ordered.slot end)
        as last_slot_on,
    max(ordered.known_on) as last_known_on,
    cast(sum(
        case
            when
                ordered.slot < cast('9999-12-31' as date)
                and ordered.known_on > ordered.slot + settings.late_after_days
                and ordered.known_on > ordered.first_known_on
                then 1
            else 0
        end
    ) as bigint) as late_deliveries,
    cast(sum(case when ordered.is_open_refusal then 1 else 0 end) as bigint) as refused_deliveries,
    max(
        case
            when ordered.is_open_refusal and ordered.newest_first = 1
                then ordered.file_name || ': ' || coalesce(ordered.message, ordered.status)
        end
    ) as last_refusal,
    cast(coalesce(sum(ordered.received), 0) as bigint) as received_rows,
    cast(coalesce(sum(ordered.loaded), 0) as bigint) as loaded_rows,
    cast(coalesce(sum(ordered.unchanged), 0) as bigint) as unchanged_rows,
    cast(coalesce(sum(ordered.quarantined), 0) as bigint) as quarantined_rows,
    cast(coalesce(sum(ordered.duplicates), 0) as bigint) as duplicate_rows,
    cast(coalesce(sum(ordered.blocked), 0) as bigint) as blocked_rows
from ordered
cross join settings
group by ordered.table_name
