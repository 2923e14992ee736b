{{ config(materialized='incremental', replace_days_column='month_end_on', replace_days_domain='scores') }}

-- the first day of each month on which an account had enough people and core features within the last 7 days
with settings as (

    select {{ seed_values(['activation_people', 'activation_features']) }}
    from {{ ref('use_parameters') }}

),

counts as (

    select * from {{ ref('int_use_counts') }}
    where as_of_on >= cast(date_trunc('month', {{ recompute_from('scores') }}) as date)

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= cast(date_trunc('month', {{ recompute_from('scores') }}) as date)

),

entitlements as (

    select * from {{ ref('int_plan_entitlements') }}

)

select
    counts.account_id,
    last_day(counts.as_of_on) as month_end_on,
    min(counts.as_of_on) as activated_on
from counts
cross join settings
left join billing on billing.account_id = counts.account_id and billing.as_of_on = counts.as_of_on
left join entitlements on entitlements.plans = coalesce(billing.plans, '')
where
    counts.wau_count
    >= greatest(1, least(settings.activation_people, coalesce(billing.seats, settings.activation_people)))
    and counts.new_feature_count
    >= least(settings.activation_features, coalesce(entitlements.core_features_entitled, 0))
group by
    counts.account_id,
    last_day(counts.as_of_on)
