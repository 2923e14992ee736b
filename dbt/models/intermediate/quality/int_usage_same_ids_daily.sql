{{ config(
    materialized='incremental',
    replace_days_column='usage_on',
    replace_days_touched_by='usage.events'
) }}

-- ids that come with more than one content on their day; few ids repeat, so only those are compared
with events as (

    select * from {{ source('usage', 'events') }}
    {{ only_touched_days('occurred_on', 'usage.events') }}

),

repeated as (

    select
        occurred_on,
        event_id
    from events
    where event_id is not null
    group by
        occurred_on,
        event_id
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
        on repeated.occurred_on = events.occurred_on and repeated.event_id = events.event_id

),

conflicts as (

    select
        occurred_on,
        event_id
    from contents
    group by
        occurred_on,
        event_id
    having count(*) > 1

)

select
    occurred_on as usage_on,
    cast(count(*) as bigint) as same_ids
from conflicts
group by occurred_on
