with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on = {{ as_of() }}

),

profiles as (

    select * from {{ ref('int_account_profiles') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on = {{ as_of() }}

),

-- an account that its CRM no longer lists keeps the last that was said of it
last_profiles as (

    select
        *,
        valid_to is null or valid_to > {{ as_of() }} as is_known_to_crm,
        row_number() over (partition by account_id order by valid_from desc) as later_profiles
    from profiles
    where valid_from <= {{ as_of() }}

)

select
    account_days.account_id,
    profiles.name,
    profiles.industry,
    profiles.region,
    profiles.country,
    profiles.timezone,
    profiles.language,
    coalesce(profiles.customer_type, 'unknown') as customer_type,
    profiles.employee_count,
    coalesce(profiles.size_band, 'unknown') as size_band,
    profiles.potential_seats,
    profiles.business_model,
    profiles.life_stage,
    profiles.parent_account_id,
    profiles.lead_source,
    profiles.csm_owner,
    profiles.account_owner,
    profiles.touch_preference,
    profiles.usage_cadence,
    profiles.created_on,
    account_days.first_seen_on,
    account_days.tenure_days,
    billing.first_paid_on,
    coalesce(billing.is_paying, false) as is_paying,
    account_days.is_internal,
    not coalesce(profiles.is_known_to_crm, false) as is_unknown_to_crm
from account_days
left join last_profiles as profiles
    on profiles.account_id = account_days.account_id and profiles.later_profiles = 1
left join billing
    on billing.account_id = account_days.account_id
