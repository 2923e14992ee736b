{{ config(materialized='incremental', replace_days_domain='scores') }}

-- where an account stands on its way, raw and stable
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

usage_growth as (

    select * from {{ ref('int_usage_growth_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

classes as (

    select * from {{ ref('segment_classes') }}
    where axis = 'lifecycle'

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'onboarding_days', 'mature_utilisation', 'mature_breadth', 'mature_growth', 'growth_breadth'
        ]) }}
    from {{ ref('segment_parameters') }}
    where axis = 'lifecycle'
    group by scoring_version

),

facts as (

    select
        account_days.account_id,
        account_days.as_of_on,
        days.scoring_version,
        not days.is_usage_stale and not days.is_billing_stale as is_fresh,
        {{ is_churned('billing') }} as is_churned,
        coalesce(billing.billing_status, 'none') as billing_status,
        billing.first_paid_on,
        coalesce(billing.is_renewal_pending, false) as is_renewal_pending,
        billing.paid_days,
        use_days.breadth_micro,
        use_days.seat_utilisation_micro,
        usage_growth.doublings_micro,
        coalesce(
            billing.paid_days <= parameters.onboarding_days and use_days.activated_on is null, false
        ) as is_onboarding,
        coalesce(use_days.seat_utilisation_micro >= 1e6 * parameters.mature_utilisation, billing.seats is null)
        and use_days.breadth_micro >= 1e6 * parameters.mature_breadth
        and usage_growth.doublings_micro < 1e6 * ln(1 + parameters.mature_growth) / ln(2e0) as is_mature,
        use_days.breadth_micro >= 1e6 * parameters.growth_breadth as is_past_adoption
    from account_days
    inner join days
        on days.as_of_on = account_days.as_of_on
    inner join parameters
        on parameters.scoring_version = days.scoring_version
    left join billing
        on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
    left join use_days
        on use_days.account_id = account_days.account_id and use_days.as_of_on = account_days.as_of_on
    left join usage_growth
        on
            usage_growth.account_id = account_days.account_id
            and usage_growth.as_of_on = account_days.as_of_on
            and usage_growth.scoring_version = days.scoring_version

),

raw_classes as (

    select
        *,
        case
            when is_churned then 'churned'
            when billing_status = 'paused' then 'paused'
            when first_paid_on is null and billing_status = 'trialing' then 'trial'
            when first_paid_on is null then 'free'
            when is_onboarding then 'onboarding'
            when is_mature then 'mature'
            when is_past_adoption then 'growth'
            when breadth_micro is not null then 'adoption'
        end as raw_class
    from facts

),

measured as (

    select
        raw_classes.account_id,
        raw_classes.as_of_on,
        raw_classes.scoring_version,
        raw_classes.raw_class,
        raw_classes.is_fresh,
        coalesce(classes.is_immediate, false) as is_immediate,
        axes.decisive_days
    from raw_classes
    inner join {{ ref('segment_axes') }} as axes
        on axes.axis = 'lifecycle'
    left join classes
        on classes.class = raw_classes.raw_class

),

{{ stable_classes() }}

select
    classed.account_id,
    classed.as_of_on,
    classed.scoring_version,
    classed.raw_class,
    classed.stable_class,
    classed.run_days,
    classed.measured_days,
    classed.since_on,
    classed.decided,
    classed.shown,
    classed.shown_on,
    classed.is_shown_free,
    classed.left_class,
    classed.pending_days,
    raw_classes.is_renewal_pending,
    case
        when classed.stable_class is null then 'unknown'
        when raw_classes.is_renewal_pending then 'renewal_pending'
        when not raw_classes.is_fresh then 'held_stale'
        else 'fresh'
    end as status,
    case
        when classed.stable_class is null
            then 'breadth of use is unknown: an event catalogue that marks core features would tell'
    end as unknown_because,
    raw_classes.first_paid_on,
    raw_classes.paid_days,
    raw_classes.breadth_micro,
    raw_classes.seat_utilisation_micro,
    raw_classes.doublings_micro
from classed
inner join raw_classes
    on
        raw_classes.account_id = classed.account_id
        and raw_classes.as_of_on = classed.as_of_on
        and raw_classes.scoring_version = classed.scoring_version
order by classed.as_of_on
