-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
with segments as (

    select * from {{ ref('account_segments_daily') }}
    where as_of_on = {{ as_of() }}

),

accounts as (

    select * from {{ ref('accounts') }}

)

select
    segments.account_id,
    accounts.name,
    accounts.industry,
    accounts.region,
    accounts.country,
    accounts.timezone,
    accounts.language,
    accounts.customer_type,
    accounts.employee_count,
    accounts.size_band,
    accounts.potential_seats,
    accounts.business_model,
    accounts.life_stage,
    accounts.parent_account_id,
    accounts.lead_source,
    accounts.csm_owner,
    accounts.account_owner,
    accounts.touch_preference,
    accounts.usage_cadence,
    accounts.created_on,
    accounts.first_seen_on,
    accounts.is_unknown_to_crm,
    segments.as_of_on,
    segments.scoring_version,
    segments.is_internal,
    segments.tenure_days,
    segments.is_paying,
    segments.billing_status,
    segments.mrr,
    segments.contract_mrr,
    segments.mrr_provisional,
    segments.usage_mrr,
    segments.arr,
    segments.seats,
    segments.plans,
    segments.first_paid_on,
    segments.paid_days,
    segments.past_due_days,
    segments.unpaid_days,
    segments.canceled_on,
    segments.scheduled_churn_on,
    segments.renews_on,
    segments.days_to_renewal,
    segments.notice_by,
    segments.mrr_renewing_90d,
    segments.is_renewal_pending,
    segments.last_value_on,
    segments.recency_days,
    segments.cadence_days,
    segments.active_days,
    segments.is_off_season,
    segments.dau,
    segments.wau,
    segments.mau,
    segments.seat_utilisation_micro,
    segments.breadth_micro,
    segments.trend_change_micro,
    segments.activated_on,
    segments.voice_score,
    segments.voice_class,
    segments.voice_answered_on,
    segments.voice_deciding_role,
    segments.is_voice_conflicting,
    segments.engagement_bp,
    segments.engagement_status,
    segments.role_coverage,
    segments.health_bp,
    segments.risk_bp,
    segments.risk_floor,
    segments.confidence_micro,
    segments.health_status,
    segments.stale_since_on,
    segments.growth_bp,
    segments.growth_status,
    {%- for axis in segment_axes() %}
    {%- for name in axis_columns() %}
    segments.{{ axis }}_{{ name }},
    {%- endfor %}
    {%- for name in axis_figures(axis) %}
    segments.{{ name }},
    {%- endfor %}
    {{ axis }}_reasons.reason as {{ axis }}_reason,
    {{ axis }}_reasons.would_change as {{ axis }}_would_change,
    {%- for name, column in axis_notes(axis).items() %}
    {{ axis }}_reasons.{{ column }} as {{ name }},
    {%- endfor %}
    {{ axis }}_overrides.override_class as {{ axis }}_override_class,
    {{ axis }}_overrides.reason as {{ axis }}_override_reason,
    {{ axis }}_overrides.author as {{ axis }}_override_author,
    {{ axis }}_overrides.until_on as {{ axis }}_override_until_on,
    {%- endfor %}
    segments.use_unknown_reason,
    segments.money_unknown_reason,
    segments.voice_unknown_reason,
    segments.role_coverage_unknown_reason,
    segments.health_unknown_reason,
    segments.growth_unknown_reason
from segments
inner join accounts
    on accounts.account_id = segments.account_id
{%- for axis in segment_axes() %}
left join {{ ref('int_' ~ axis ~ '_reasons') }} as {{ axis }}_reasons
    on
        {{ axis }}_reasons.account_id = segments.account_id
        and {{ axis }}_reasons.scoring_version = segments.scoring_version
left join {{ ref('segment_overrides') }} as {{ axis }}_overrides
    on
        {{ axis }}_overrides.account_id = segments.account_id
        and {{ axis }}_overrides.scoring_version = segments.scoring_version
        and {{ axis }}_overrides.axis = '{{ axis }}'
        and {{ axis }}_overrides.is_in_force
{%- endfor %}
