-- every account that an account has become part of, and since when: a chain a -> b -> c holds for a
-- from the later of its merges; a walk ends where it would come back to an account it has passed
with recursive merged_accounts as (

    select * from {{ ref('int_account_merge_edges') }}

),

paths (account_id, into_account_id, merged_on, steps, passed) as (

    select
        from_account_id as account_id,
        into_account_id,
        merged_on,
        1 as steps,
        concat('|', from_account_id, '|', into_account_id, '|') as passed
    from merged_accounts

    union all

    select
        paths.account_id,
        merged_accounts.into_account_id,
        greatest(paths.merged_on, merged_accounts.merged_on) as merged_on,
        paths.steps + 1 as steps,
        concat(paths.passed, merged_accounts.into_account_id, '|') as passed
    from paths
    inner join merged_accounts
        on merged_accounts.from_account_id = paths.into_account_id
    where paths.passed not like concat('%|', merged_accounts.into_account_id, '|%')

)

select
    account_id,
    into_account_id,
    merged_on,
    steps
from paths
