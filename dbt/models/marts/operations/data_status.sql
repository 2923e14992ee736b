with summary as (

    select * from {{ ref('int_input_summary') }}

),

worded as (

    select
        *,
        concat_ws(
            ' ',
            case
                when not is_connected and needed_by is null
                    then 'Not connected, and scores need it: map it in sources.yml.'
                when not is_connected
                    then 'Not connected: map it in sources.yml to know ' || needed_by || '.'
                when deliveries = 0
                    then 'Nothing has arrived: check the path of its source in sources.yml.'
            end,
            case
                when refused_deliveries > 0
                    then
                        'Refused ' || {{ counted('refused_deliveries', 'delivery', 'deliveries') }}
                        || ', the last ' || last_refusal
                        || ' Correct the export or its mapping and run again.'
            end,
            case
                when is_stale and deliveries > 0
                    then
                        'Stale since ' || cast(stale_since_on as varchar) || ': ' || reason
                        || '. Deliver it and run again; what depends on it is held until then.'
            end,
            case
                when quarantined_rows > 0
                    then
                        {{ counted('quarantined_rows', 'row is', 'rows are') }}
                        || ' in quarantine.' || replace(table_name, '.', '_')
                        || ' with the reason: correct the mapping and run again.'
            end,
            case
                when late_deliveries > 0
                    then
                        {{ counted('late_deliveries', 'delivery', 'deliveries') }}
                        || ' came too late for the day spoken for;'
                        || ' restatements lists the published values that this changed, if any.'
            end,
            case
                when unknown_account_rows > 0
                    then
                        {{ counted('unknown_account_rows', 'row belongs', 'rows belong') }}
                        || ' to accounts that the CRM does not know:'
                        || ' export these accounts too, or correct the mapping of account_id.'
            end,
            case
                when same_ids > 0
                    then
                        {{ counted('same_ids', 'id comes', 'ids come') }} || ' with more than one content:'
                        || ' find out at the source which one is right and re-send the slot.'
            end
        ) as message
    from summary

)

select
    table_name,
    as_of_on,
    is_connected,
    is_required,
    delivery,
    expected,
    last_slot_on,
    last_known_on,
    watermark_on,
    missing_slots,
    first_missing_on,
    last_missing_on,
    is_stale,
    stale_since_on,
    deliveries,
    late_deliveries,
    refused_deliveries,
    received_rows,
    loaded_rows,
    unchanged_rows,
    quarantined_rows,
    duplicate_rows,
    blocked_rows,
    unknown_account_rows,
    same_ids,
    case when message = '' then 'In order.' else message end as message,
    needed_by
from worded
