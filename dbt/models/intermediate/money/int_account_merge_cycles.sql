-- an account on a circle: the account that it is merged into has become part of it
with merged_accounts as (

    select * from {{ ref('int_account_merge_edges') }}

),

paths as (

    select * from {{ ref('int_account_merge_paths') }}

)

select distinct
    merged_accounts.from_account_id as account_id,
    merged_accounts.into_account_id,
    merged_accounts.merged_on
from merged_accounts
inner join paths
    on paths.account_id = merged_accounts.into_account_id and paths.into_account_id = merged_accounts.from_account_id
