{{ config(materialized='incremental', replace_days_domain='scores') }}

-- the spine of every daily table: an account has a row from the day it is first heard of to K,
-- or to the day before it was merged into another
with accounts as (

    select * from {{ ref('int_accounts_seen') }}

),

days as (

    select * from {{ ref('int_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merges') }}

),

account_versions as (

    select * from {{ ref('int_account_versions') }}

)

select
    accounts.account_id,
    days.as_of_on,
    accounts.first_seen_on,
    cast(days.as_of_on - accounts.first_seen_on + 1 as integer) as tenure_days,
    coalesce(bool_or(account_versions.is_internal), false) as is_internal
from accounts
inner join days
    on days.as_of_on >= accounts.first_seen_on
left join merged_accounts
    on merged_accounts.from_account_id = accounts.account_id
left join account_versions
    on
        account_versions.account_id = accounts.account_id
        and account_versions.valid_from <= days.as_of_on
        and days.as_of_on < {{ open_ended('account_versions.valid_to') }}
where merged_accounts.merged_on is null or days.as_of_on < merged_accounts.merged_on
group by
    accounts.account_id,
    days.as_of_on,
    accounts.first_seen_on
