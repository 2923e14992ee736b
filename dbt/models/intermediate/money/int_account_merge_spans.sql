-- on a day an account is part of the farthest account of its path that it has reached;
-- paths through a circle are left out
with paths as (

    select * from {{ ref('int_account_merge_paths') }}

),

cycles as (

    select * from {{ ref('int_account_merge_cycles') }}

),

circled as (

    select paths.account_id from paths
    inner join cycles on cycles.account_id = paths.account_id
    union
    select paths.account_id from paths
    inner join cycles on cycles.account_id = paths.into_account_id

),

-- of the accounts reached on the same day only the farthest counts
reached as (

    select
        paths.account_id,
        paths.into_account_id,
        paths.merged_on,
        row_number() over (partition by paths.account_id, paths.merged_on order by paths.steps desc) as nearer
    from paths
    left join circled on circled.account_id = paths.account_id
    where circled.account_id is null

)

select
    account_id,
    into_account_id,
    merged_on as valid_from,
    lead(merged_on) over (partition by account_id order by merged_on) as valid_to
from reached
where nearer = 1
