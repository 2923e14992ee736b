{{ config(materialized='view') }}

-- what growth potential is computed from, as measured on the day that each source is evaluated at
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

profiles as (

    select * from {{ ref('int_account_profiles') }}

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

usage_growth as (

    select * from {{ ref('int_usage_growth_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

voice as (

    select * from {{ ref('int_voice_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

advocates as (

    select * from {{ ref('int_advocates_daily') }}

)

select
    account_days.account_id,
    account_days.as_of_on,
    days.scoring_version,
    days.is_usage_stale,
    days.is_billing_stale,
    days.stale_since_on,
    {{ is_churned('billing') }} as is_churned,
    coalesce(profiles.customer_type, 'unknown') || '|' || coalesce(profiles.size_band, 'unknown') as reference_group,
    profiles.potential_seats,
    billing.seats,
    coalesce(billing.mrr, 0) as mrr,
    billing.mrr_365d_ago,
    billing.expansion_mrr_365d,
    use_days.mau,
    use_days.core_features_entitled,
    use_days.seat_utilisation_micro,
    use_days.usage_known_days,
    usage_growth.doublings_micro,
    coalesce(voice.is_fresh, false) as is_voice_fresh,
    coalesce(voice.has_key_promoter, false) or coalesce(advocates.has_key_advocate, false) as has_key_champion,
    coalesce(voice.has_roleless_promoter, false)
    or coalesce(advocates.has_roleless_advocate, false) as has_roleless_champion
from account_days
inner join days
    on days.as_of_on = account_days.as_of_on
left join profiles
    on
        profiles.account_id = account_days.account_id
        and profiles.valid_from <= account_days.as_of_on
        and {{ open_ended('profiles.valid_to') }} > account_days.as_of_on
left join use_days
    on use_days.account_id = account_days.account_id and use_days.as_of_on = days.usage_on
left join usage_growth
    on
        usage_growth.account_id = account_days.account_id
        and usage_growth.as_of_on = days.usage_on
        and usage_growth.scoring_version = days.scoring_version
left join billing
    on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
left join voice
    on voice.account_id = account_days.account_id and voice.as_of_on = account_days.as_of_on
left join advocates
    on
        advocates.account_id = account_days.account_id
        and advocates.as_of_on = account_days.as_of_on
        and advocates.scoring_version = days.scoring_version
