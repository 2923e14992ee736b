{{ config(materialized='incremental', replace_days_domain='scores') }}

with events as (

    select * from {{ ref('int_use_events') }}
    where as_of_on >= {{ recompute_from('scores') }} and as_of_on <= {{ as_of() }}

),

person_days as (

    select * from {{ ref('int_use_person_days') }}
    where as_of_on >= {{ recompute_from('scores') }} and as_of_on <= {{ as_of() }}

),

people as (

    select
        account_id,
        person_key,
        as_of_on,
        sum(value_events) as value_events
    from person_days
    where person_key is not null
    group by
        account_id,
        person_key,
        as_of_on

),

people_counts as (

    select
        account_id,
        as_of_on,
        count(*) as people,
        sum(case when value_events > 0 then 1 else 0 end) as active_people
    from people
    group by
        account_id,
        as_of_on

),

names as (

    select
        account_id,
        as_of_on,
        event_name,
        is_core,
        is_value,
        sum(events) as events,
        sum(quantity) as quantity,
        sum(case when person_key is null then events else 0 end) as anonymous_events
    from events
    group by
        account_id,
        as_of_on,
        event_name,
        is_core,
        is_value

),

totals as (

    select
        account_id,
        as_of_on,
        sum(events) as events,
        sum(anonymous_events) as anonymous_events,
        sum(case when is_value then events else 0 end) as value_events,
        sum(case when is_core then 1 else 0 end) as core_features,
        sum(quantity) as quantity
    from names
    group by
        account_id,
        as_of_on

)

select
    totals.account_id,
    totals.as_of_on,
    cast(coalesce(people_counts.people, 0) as integer) as people,
    cast(coalesce(people_counts.active_people, 0) as integer) as active_people,
    cast(totals.events as bigint) as events,
    cast(totals.anonymous_events as bigint) as anonymous_events,
    cast(totals.value_events as bigint) as value_events,
    cast(totals.core_features as integer) as core_features,
    cast(totals.quantity as decimal(38, 6)) as quantity
from totals
left join people_counts
    on people_counts.account_id = totals.account_id and people_counts.as_of_on = totals.as_of_on
