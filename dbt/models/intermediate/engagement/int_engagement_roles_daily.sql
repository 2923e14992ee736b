{{ config(materialized='incremental', replace_days_domain='scores') }}

-- Sums over the people of each role, as integers: the union of decision makers and of influencers is a sum of ln(1 - s).
with {{ person_raw_days(recompute_from('scores'), as_of()) }},

scored as (

    select
        account_number,
        as_of_on,
        buying_role,
        cast({{ person_score_micro('raw_micro', 'reference_ln') }} as integer) as score_micro,
        raw_micro > 0 as is_engaged
    from person_raw

),

summed as (

    select
        account_number,
        as_of_on,
        sum(case when buying_role = 'decision_maker' then {{ ln_missing_micro('score_micro') }} end)
            as decision_maker_ln_micro,
        sum(case when buying_role = 'influencer' then {{ ln_missing_micro('score_micro') }} end) as influencer_ln_micro,
        sum(case when buying_role = 'user' then score_micro end) as user_sum_micro,
        count(case when buying_role = 'decision_maker' and is_engaged then 1 end) as engaged_decision_makers,
        count(case when buying_role = 'influencer' and is_engaged then 1 end) as engaged_influencers,
        count(case when buying_role = 'user' and is_engaged then 1 end) as engaged_users,
        count(case when buying_role = 'user' then 1 end) as users_seen
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
