-- the account directly above an account, as the CRM says it; a parent that was merged is what it has become part of
with profiles as (

    select
        account_id,
        parent_account_id,
        valid_from,
        {{ open_ended('valid_to') }} as valid_to
    from {{ ref('int_account_profiles') }}
    where parent_account_id is not null

),

merged_accounts as (

    select
        account_id,
        into_account_id,
        valid_from,
        {{ open_ended('valid_to') }} as valid_to
    from {{ ref('int_account_merge_spans') }}

),

first_merges as (

    select
        account_id,
        min(valid_from) as merged_on
    from merged_accounts
    group by account_id

),

parents as (

    select
        profiles.account_id,
        profiles.parent_account_id,
        profiles.valid_from,
        least(profiles.valid_to, {{ open_ended('first_merges.merged_on') }}) as valid_to
    from profiles
    left join first_merges
        on first_merges.account_id = profiles.parent_account_id
    union all
    select
        profiles.account_id,
        merged_accounts.into_account_id as parent_account_id,
        greatest(profiles.valid_from, merged_accounts.valid_from) as valid_from,
        least(profiles.valid_to, merged_accounts.valid_to) as valid_to
    from profiles
    inner join merged_accounts
        on merged_accounts.account_id = profiles.parent_account_id

)

select
    account_id,
    parent_account_id,
    valid_from,
    valid_to
from parents
where valid_from < valid_to and parent_account_id <> account_id
