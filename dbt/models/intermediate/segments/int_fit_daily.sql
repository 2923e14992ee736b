{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether a customer can succeed with us, by its latest ratings; what is stated does not wait for decisive days
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

steps as (

    select * from {{ ref('int_fit_steps') }}
    where valid_to > {{ recompute_from('scores') }}

),

beside as (

    select * from {{ ref('int_fit_beside_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

connections as (

    select coalesce(max(case when table_name = 'crm.answers' and is_connected then 1 end), 0) = 1 as has_answers
    from {{ source('ops', 'inputs') }}

),

pillars as (

    select cast(count(*) as integer) as pillars from {{ ref('discovery_questions') }}
    where coalesce(pillar, '') <> ''

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['rating_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'fit'
    group by scoring_version

),

chosen as (

    select
        account_days.account_id,
        account_days.as_of_on,
        parameters.scoring_version,
        parameters.rating_days,
        pillars.pillars,
        steps.failed_pillars,
        steps.oldest_rating_on,
        connections.has_answers,
        beside.icp_tier,
        beside.icp_best_tier,
        beside.icp_points,
        beside.icp_attributes_known,
        case when connections.has_answers then beside.sponsor_contradicted end as sponsor_contradicted,
        case when connections.has_answers then beside.discovery_share_micro end as discovery_share_micro,
        coalesce(steps.rated_pillars, 0) as rated_pillars,
        case when connections.has_answers then coalesce(steps.fit_class, 'unassessed') end as stable_class
    from account_days
    cross join parameters
    cross join pillars
    cross join connections
    left join steps
        on
            steps.account_id = account_days.account_id
            and steps.scoring_version = parameters.scoring_version
            and steps.valid_from <= account_days.as_of_on
            and steps.valid_to > account_days.as_of_on
    left join beside
        on
            beside.account_id = account_days.account_id
            and beside.as_of_on = account_days.as_of_on
            and beside.scoring_version = parameters.scoring_version

),

{{ class_since() }}

select
    account_id,
    as_of_on,
    scoring_version,
    stable_class as raw_class,
    stable_class,
    since_on,
    0 as pending_days,
    case
        when not has_answers then 'unknown'
        when stable_class = 'unassessed' then 'unassessed'
        else 'fresh'
    end as status,
    case
        when not has_answers then 'crm.answers is not connected'
        when stable_class = 'unassessed'
            then concat(rated_pillars, ' of ', pillars, ' pillars have a rating of the last ', rating_days, ' days')
    end as unknown_because,
    failed_pillars,
    rated_pillars,
    oldest_rating_on,
    sponsor_contradicted,
    discovery_share_micro,
    icp_tier,
    icp_best_tier,
    icp_points,
    icp_attributes_known
from dated
order by as_of_on
