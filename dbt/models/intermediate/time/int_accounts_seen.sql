-- when an account was first heard of, by any of its sources
with usage_days as (

    select
        account_id,
        min(usage_on) as first_seen_on
    from {{ ref('int_usage_person_days') }}
    group by account_id

),

lines as (

    select
        account_id,
        min(valid_from) as first_seen_on
    from {{ ref('int_billing_lines') }}
    group by account_id

),

account_records as (

    select
        account_id,
        min(least(coalesce(created_on, first_slot_on), first_slot_on)) as first_seen_on
    from {{ ref('int_account_versions') }}
    group by account_id

),

answers as (

    select
        account_id,
        min(responded_on) as first_seen_on
    from {{ ref('stg_nps__responses') }}
    group by account_id

),

sightings as (

    select * from usage_days
    union all
    select * from lines
    union all
    select * from account_records
    union all
    select * from answers

)

select
    account_id,
    min(first_seen_on) as first_seen_on
from sightings
where account_id is not null
group by account_id
