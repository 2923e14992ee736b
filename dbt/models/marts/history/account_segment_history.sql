-- every axis of every account as periods that follow each other: a class, or none and the reason
with steps as (

    select * from {{ ref('int_segment_steps') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merges') }}
    where merged_on <= {{ as_of() }}

),

followed as (

    select
        *,
        lead(as_of_on) over (partition by account_id, scoring_version, axis order by as_of_on) as next_on
    from steps

)

select
    followed.account_id,
    followed.axis,
    followed.scoring_version,
    followed.class,
    followed.unknown_because,
    followed.as_of_on as valid_from,
    coalesce(followed.next_on, merged_accounts.merged_on) as valid_to
from followed
left join merged_accounts
    on merged_accounts.from_account_id = followed.account_id
