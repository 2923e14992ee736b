{{ config(materialized='incremental', replace_days_domain='scores') }}

-- the largest floor that holds; what is known of a bill stays known while billing is stale, but does not age
with days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

facts as (

    select * from {{ ref('int_risk_facts') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

voice as (

    select * from {{ ref('int_voice_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and decision_maker_is_detractor

),

floors as (

    select * from {{ ref('health_floors') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['past_due_after_days']) }}
    from {{ ref('health_parameters') }}
    group by scoring_version

),

bills as (

    select
        billing.account_id,
        days.as_of_on,
        days.scoring_version,
        billing.canceled_on is not null and billing.is_paying as is_canceled,
        billing.billing_status = 'unpaid' as is_unpaid,
        billing.past_due_days - {{ days_between('days.billing_watermark_on', 'days.as_of_on') }}
        > parameters.past_due_after_days as is_past_due
    from billing
    inner join days
        on days.as_of_on = billing.as_of_on
    inner join parameters
        on parameters.scoring_version = days.scoring_version
    where billing.canceled_on is not null or billing.billing_status = 'unpaid' or billing.past_due_days > 0

),

candidates as (

    select
        account_id,
        as_of_on,
        scoring_version,
        'cancellation_notice' as floor
    from bills
    where is_canceled
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        'unpaid' as floor
    from bills
    where is_unpaid
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        'past_due' as floor
    from bills
    where is_past_due
    union all
    select
        voice.account_id,
        voice.as_of_on,
        days.scoring_version,
        'decision_maker_unhappy' as floor
    from voice
    inner join days on days.as_of_on = voice.as_of_on
    union all
    select
        facts.account_id,
        days.as_of_on,
        facts.scoring_version,
        facts.floor
    from facts
    inner join days
        on
            days.scoring_version = facts.scoring_version
            and days.as_of_on >= facts.from_on
            and days.as_of_on < facts.to_on

),

ranked as (

    select
        candidates.account_id,
        candidates.as_of_on,
        candidates.scoring_version,
        candidates.floor as floor_name,
        cast(100 * floors.risk as bigint) as floor_bp,
        row_number() over (
            partition by candidates.account_id, candidates.as_of_on, candidates.scoring_version
            order by floors.risk desc, candidates.floor asc
        ) as larger_floors
    from candidates
    inner join floors
        on floors.scoring_version = candidates.scoring_version and floors.floor = candidates.floor

)

select
    account_id,
    as_of_on,
    scoring_version,
    floor_name,
    floor_bp
from ranked
where larger_floors = 1
