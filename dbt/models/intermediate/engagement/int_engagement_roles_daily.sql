{{ config(materialized='incremental', replace_days_domain='scores') }}

-- sums over the people of each role, as integers: a union is a sum of ln(1 - s)
with {{ person_raw_days(recompute_from('scores'), as_of()) }},

scored as (

    select
        account_number,
        as_of_on,
        role_number,
        cast({{ person_score_micro('raw_micro', 'reference_ln') }} as integer) as score_micro,
        raw_micro > 0 as is_engaged
    from person_raw

),

summed as (

    select
        account_number,
        as_of_on,
        sum(case when role_number = 1 then {{ ln_missing_micro('score_micro') }} end)
            as decision_maker_ln_micro,
        sum(case when role_number = 2 then {{ ln_missing_micro('score_micro') }} end) as influencer_ln_micro,
        sum(case when role_number = 3 then score_micro end) as user_sum_micro,
        count(case when role_number = 1 and is_engaged then 1 end) as engaged_decision_makers,
        count(case when role_number = 2 and is_engaged then 1 end) as engaged_influencers,
        count(case when role_number = 3 and is_engaged then 1 end) as engaged_users,
        count(case when role_number = 3 then 1 end) as users_seen
    from scored
    group by
        account_number,
        as_of_on

),

accounts as (

    select distinct
        account_number,
        account_id,
        scoring_version
    from people

)

select
    accounts.account_id,
    summed.as_of_on,
    accounts.scoring_version,
    cast(summed.decision_maker_ln_micro as bigint) as decision_maker_ln_micro,
    cast(summed.influencer_ln_micro as bigint) as influencer_ln_micro,
    cast(summed.user_sum_micro as bigint) as user_sum_micro,
    cast(summed.engaged_decision_makers as integer) as engaged_decision_makers,
    cast(summed.engaged_influencers as integer) as engaged_influencers,
    cast(summed.engaged_users as integer) as engaged_users,
    cast(summed.users_seen as integer) as users_seen
from summed
inner join accounts on accounts.account_number = summed.account_number
