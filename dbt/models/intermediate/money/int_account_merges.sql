-- one merge per account, the last one told; chains a -> b -> c are followed to their end,
-- circles are reported in int_account_merge_cycles and not followed
with merged_accounts as (

    select * from {{ ref('int_account_merge_edges') }}

),

cycles as (

    select * from {{ ref('int_account_merge_cycles') }}

),

spans as (

    select * from {{ ref('int_account_merge_spans') }}

)

select
    merged_accounts.from_account_id,
    spans.into_account_id,
    merged_accounts.merged_on,
    merged_accounts.into_account_id as first_into_account_id
from merged_accounts
inner join spans
    on spans.account_id = merged_accounts.from_account_id and spans.valid_to is null
left join cycles
    on cycles.account_id = merged_accounts.from_account_id
where cycles.account_id is null
