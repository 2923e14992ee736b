-- one merge per account, the last one told; chains a -> b -> c are followed to their end,
-- circles are reported in int_account_merge_cycles and not followed
with merges as (

    select * from {{ ref('int_account_merge_edges') }}

),

cycles as (

    select * from {{ ref('int_account_merge_cycles') }}

),

spans as (

    select * from {{ ref('int_account_merge_spans') }}

)

select
    merges.from_account_id,
    spans.into_account_id,
    merges.merged_on,
    merges.into_account_id as first_into_account_id
from merges
inner join spans
    on spans.account_id = merges.from_account_id and spans.valid_to is null
left join cycles
    on cycles.account_id = merges.from_account_id
where cycles.account_id is null
