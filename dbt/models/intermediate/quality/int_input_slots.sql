-- what the deliveries in force hold; the slot 9999-12-31 is a whole file, which speaks for every day
-- up to its last event or, where its rows describe a state, up to its receipt
with deliveries as (

    select * from {{ source('ops', 'deliveries') }}
    where is_in_force

),

state_tables as (

    select table_name from {{ ref('quality_parameters') }}
    where parameter = 'describes_state' and value = 1

)

select
    deliveries.table_name,
    deliveries.feed,
    deliveries.slot,
    deliveries.slot = cast('9999-12-31' as date) as is_whole,
    state_tables.table_name is not null as is_state,
    cast(sum(deliveries.loaded + deliveries.unchanged) as bigint) as delivered_rows,
    min(deliveries.first_event_on) as first_event_on,
    max(
        case
            when deliveries.slot < cast('9999-12-31' as date) then deliveries.slot
            when state_tables.table_name is not null then deliveries.known_on
            else coalesce(deliveries.last_event_on, deliveries.known_on)
        end
    ) as speaks_until_on
from deliveries
left join state_tables
    on state_tables.table_name = deliveries.table_name
group by
    deliveries.table_name,
    deliveries.feed,
    deliveries.slot,
    state_tables.table_name
