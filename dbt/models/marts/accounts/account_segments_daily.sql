-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

with account_days as (

    select * from {{ ref('int_account_days') }}
    where {{ in_block('as_of_on', 'scores') }}

),

versions as (

    select * from {{ ref('scoring_versions') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

voice as (

    select * from {{ ref('int_voice_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

engagement as (

    select * from {{ ref('int_engagement_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

health as (

    select * from {{ ref('health_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

growth as (

    select * from {{ ref('growth_potential_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),

{%- for axis in segment_axes() %}

{{ axis }} as (

    select * from {{ ref('int_' ~ axis ~ '_daily') }}
    where {{ in_block('as_of_on', 'scores') }}

),
{%- endfor %}

connections as (

    select
        coalesce(max(case when table_name = 'usage.events' and is_connected then 1 end), 0) = 1 as has_usage,
        coalesce(max(case when table_name = 'billing.subscription_items' and is_connected then 1 end), 0) = 1
            as has_billing,
        coalesce(max(case when table_name = 'nps.responses' and is_connected then 1 end), 0) = 1 as has_nps,
        coalesce(max(case when table_name = 'crm.contacts' and is_connected then 1 end), 0) = 1 as has_contacts
    from {{ source('ops', 'inputs') }}

)

select
    account_days.account_id,
    account_days.as_of_on,
    versions.scoring_version,
    account_days.is_internal,
    account_days.tenure_days,
    -- money
    coalesce(billing.is_paying, false) as is_paying,
    coalesce(billing.billing_status, 'none') as billing_status,
    cast(coalesce(billing.mrr, 0) as bigint) as mrr,
    cast(coalesce(billing.contract_mrr, 0) as bigint) as contract_mrr,
    cast(coalesce(billing.mrr_provisional, 0) as bigint) as mrr_provisional,
    cast(billing.usage_mrr as bigint) as usage_mrr,
    cast(12 * coalesce(billing.mrr, 0) as bigint) as arr,
    cast(billing.seats as bigint) as seats,
    billing.plans,
    billing.first_paid_on,
    cast(billing.paid_days as bigint) as paid_days,
    cast(coalesce(billing.past_due_days, 0) as bigint) as past_due_days,
    cast(coalesce(billing.unpaid_days, 0) as bigint) as unpaid_days,
    billing.canceled_on,
    billing.scheduled_churn_on,
    billing.renews_on,
    cast(billing.days_to_renewal as bigint) as days_to_renewal,
    billing.notice_by,
    cast(coalesce(billing.mrr_renewing_90d, 0) as bigint) as mrr_renewing_90d,
    coalesce(billing.is_renewal_pending, false) as is_renewal_pending,
    -- use
    use_days.last_value_on,
    cast(use_days.recency_days as bigint) as recency_days,
    cast(use_days.cadence_days as bigint) as cadence_days,
    cast(use_days.active_days as bigint) as active_days,
    coalesce(use_days.is_off_season, false) as is_off_season,
    cast(use_days.dau as bigint) as dau,
    cast(use_days.wau as bigint) as wau,
    cast(use_days.mau as bigint) as mau,
    cast(use_days.seat_utilisation_micro as bigint) as seat_utilisation_micro,
    cast(use_days.breadth_micro as bigint) as breadth_micro,
    cast(use_days.trend_change_micro as bigint) as trend_change_micro,
    use_days.activated_on,
    -- voice
    voice.score as voice_score,
    voice.voice_class,
    voice.answered_on as voice_answered_on,
    voice.deciding_role as voice_deciding_role,
    coalesce(voice.is_conflicting, false) as is_voice_conflicting,
    -- scores
    cast(engagement.engagement_bp as bigint) as engagement_bp,
    engagement.status as engagement_status,
    engagement.role_coverage,
    health.health_bp,
    health.risk_bp,
    health.floor_name as risk_floor,
    health.confidence_micro,
    health.status as health_status,
    health.stale_since_on,
    growth.growth_bp,
    growth.status as growth_status,
    -- segments
    {%- for axis in segment_axes() %}
    {%- for name, column in axis_columns().items() %}
    {{ axis }}.{{ column }} as {{ axis }}_{{ name }},
    {%- endfor %}
    {%- for name, column in axis_figures(axis).items() %}
    {{ axis }}.{{ column }} as {{ name }},
    {%- endfor %}
    {%- endfor %}
    -- reasons
    case when not connections.has_usage then 'usage.events is not connected' end as use_unknown_reason,
    case when not connections.has_billing then 'billing.subscription_items is not connected' end
        as money_unknown_reason,
    case
        when voice.account_id is not null then null
        when not connections.has_nps then 'nps.responses is not connected'
        else 'nobody has answered'
    end as voice_unknown_reason,
    case
        when engagement.role_coverage is not null then null
        when not connections.has_contacts then 'crm.contacts is not connected'
        else 'no contact of the account is known'
    end as role_coverage_unknown_reason,
    case when health.health_bp is null then coalesce(health.status_reason, health.status) end as health_unknown_reason,
    case when growth.growth_bp is null then coalesce(growth.status_reason, growth.status) end as growth_unknown_reason
from account_days
cross join versions
cross join connections
left join billing
    on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
left join use_days
    on use_days.account_id = account_days.account_id and use_days.as_of_on = account_days.as_of_on
left join voice
    on voice.account_id = account_days.account_id and voice.as_of_on = account_days.as_of_on
left join engagement
    on
        engagement.account_id = account_days.account_id
        and engagement.as_of_on = account_days.as_of_on
        and engagement.scoring_version = versions.scoring_version
left join health
    on
        health.account_id = account_days.account_id
        and health.as_of_on = account_days.as_of_on
        and health.scoring_version = versions.scoring_version
left join growth
    on
        growth.account_id = account_days.account_id
        and growth.as_of_on = account_days.as_of_on
        and growth.scoring_version = versions.scoring_version
{%- for axis in segment_axes() %}
left join {{ axis }}
    on
        {{ axis }}.account_id = account_days.account_id
        and {{ axis }}.as_of_on = account_days.as_of_on
        and {{ axis }}.scoring_version = versions.scoring_version
{%- endfor %}
