{{ config(materialized='view') }}

-- The rollup of events in the words of the catalogue, under the account that they count for on their day.
-- A person of a merged account stays a person apart: user_id is unique only within its own account.
with rollup as (

    select * from {{ ref('int_usage_person_days') }}

),

catalogue as (

    select * from {{ source('ops', 'event_catalogue') }}

),

catalogue_size as (

    select count(*) as names from {{ source('ops', 'event_catalogue') }}

),

merge_spans as (

    select * from {{ ref('int_account_merge_spans') }}

)

select
    coalesce(merge_spans.into_account_id, rollup.account_id) as account_id,
    case
        when merge_spans.account_id is null then rollup.user_id
        when rollup.user_id is not null then concat_ws('/', rollup.account_id, rollup.user_id)
    end as person_key,
    rollup.event_name,
    rollup.usage_on as as_of_on,
    coalesce(catalogue.kind, 'use') as kind,
    catalogue_size.names = 0 or coalesce(catalogue.is_value, false) as is_value,
    coalesce(catalogue.is_core, false) as is_core,
    rollup.events,
    rollup.quantity
from rollup
cross join catalogue_size
left join catalogue on catalogue.event_name = rollup.event_name
left join merge_spans
    on
        merge_spans.account_id = rollup.account_id
        and merge_spans.valid_from <= rollup.usage_on
        and rollup.usage_on < {{ open_ended('merge_spans.valid_to') }}
