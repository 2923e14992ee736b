{{ config(materialized='view') }}

-- what stands beside the fit and does not change it: whether use and talks contradict the sponsor's rating, how much
-- of the discovery is answered, and how the account matches the ideal customer profile
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

versions as (

    select * from {{ ref('scoring_versions') }}

),

engagement as (

    select * from {{ ref('int_engagement_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

-- while these are late, somebody may have been engaged and nobody knows
late_days as (

    select
        as_of_on,
        bool_or(is_stale) as is_late
    from {{ ref('int_input_status_daily') }}
    where table_name in ('usage.events', 'crm.touchpoints') and as_of_on >= {{ recompute_from('scores') }}
    group by as_of_on

),

sponsor_ratings as (

    select * from {{ ref('int_fit_ratings') }}
    where pillar = 'sponsor_fit' and valid_to > {{ recompute_from('scores') }}

),

discovery as (

    select * from {{ ref('int_discovery_steps') }}
    where valid_to > {{ recompute_from('scores') }}

),

questions as (

    select cast(count(*) as integer) as questions from {{ ref('discovery_questions') }}

),

icp as (

    select * from {{ ref('int_icp_steps') }}
    where valid_to > {{ recompute_from('scores') }}

)

select
    account_days.account_id,
    account_days.as_of_on,
    versions.scoring_version,
    case
        when not coalesce(engagement.has_contacts, false) then null
        when not coalesce(sponsor_ratings.is_positive, false) then false
        when engagement.engaged_decision_makers > 0 then false
        when not coalesce(late_days.is_late, false) then true
    end as sponsor_contradicted,
    {{ share_micro('coalesce(discovery.answered_questions, 0)', 'questions.questions') }}
        as discovery_share_micro,
    icp.tier as icp_tier,
    icp.best_tier as icp_best_tier,
    icp.points as icp_points,
    coalesce(icp.attributes_known, 0) as icp_attributes_known
from account_days
cross join versions
cross join questions
left join engagement
    on
        engagement.account_id = account_days.account_id
        and engagement.as_of_on = account_days.as_of_on
        and engagement.scoring_version = versions.scoring_version
left join late_days
    on late_days.as_of_on = account_days.as_of_on
left join sponsor_ratings
    on
        sponsor_ratings.account_id = account_days.account_id
        and sponsor_ratings.scoring_version = versions.scoring_version
        and sponsor_ratings.valid_from <= account_days.as_of_on
        and sponsor_ratings.valid_to > account_days.as_of_on
left join discovery
    on
        discovery.account_id = account_days.account_id
        and discovery.scoring_version = versions.scoring_version
        and discovery.valid_from <= account_days.as_of_on
        and discovery.valid_to > account_days.as_of_on
left join icp
    on
        icp.account_id = account_days.account_id
        and icp.scoring_version = versions.scoring_version
        and icp.valid_from <= account_days.as_of_on
        and icp.valid_to > account_days.as_of_on
