-- an account on a circle: the account that it is merged into has become part of it
with merges as (

    select * from {{ ref('int_account_merge_edges') }}

),

paths as (

    select * from {{ ref('int_account_merge_paths') }}

)

select distinct
    merges.from_account_id as account_id,
    merges.into_account_id,
    merges.merged_on
from merges
inner join paths
    on paths.account_id = merges.into_account_id and paths.into_account_id = merges.from_account_id
