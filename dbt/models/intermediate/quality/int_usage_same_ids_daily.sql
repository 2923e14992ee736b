{{ config(
    materialized='incremental',
    replace_days_column='usage_on',
    replace_days_touched_by='usage.events'
) }}

-- ids that come with more than one content among the days that one run takes in, counted on the last of their days;
-- few ids repeat, so only those are compared
with events as (

    select * from {{ source('usage', 'events') }}
    {{ only_touched_days('occurred_on', 'usage.events') }}

),

repeated as (

    select event_id
    from events
    where event_id is not null
    group by event_id
    having count(*) > 1

),

contents as (

    select distinct
        events.occurred_on,
        events.event_id,
        events.account_id,
        events.user_id,
        events.event_name,
        events.occurred_at,
        events.quantity,
        events.properties
    from events
    inner join repeated
        on repeated.event_id = events.event_id

),

conflicts as (

    select
        event_id,
        max(occurred_on) as usage_on
    from contents
    group by event_id
    having count(*) > 1

)

select
    usage_on,
    cast(count(*) as bigint) as same_ids
from conflicts
group by usage_on
