-- core features that each combination of plans in force entitles to; a feature without plans belongs to every plan.
-- No plan is a combination too, whether anybody is without one by now or not: an account's day must not rest on others
with plan_sets as (

    select coalesce(plans, '') as plans from {{ ref('int_billing_daily') }}
    union
    select '' as plans

),

core_features as (

    select
        event_name,
        plans
    from {{ source('ops', 'event_catalogue') }}
    where is_core

),

entitled as (

    select distinct
        plan_sets.plans,
        core_features.event_name
    from plan_sets
    inner join core_features
        on core_features.plans is null or {{ shares_a_plan('plan_sets.plans', 'core_features.plans') }}

)

select
    plan_sets.plans,
    cast(nullif(count(entitled.event_name), 0) as integer) as core_features_entitled
from plan_sets
left join entitled on entitled.plans = plan_sets.plans
group by plan_sets.plans
