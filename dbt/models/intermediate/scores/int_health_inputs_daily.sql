{{ config(materialized='view') }}

-- what health is computed from, as measured on the day that each source is evaluated at;
-- a stale source is carried for a few days only, so that no more than a month before the window is read
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

engagement as (

    select * from {{ ref('int_engagement_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

voice as (

    select * from {{ ref('int_voice_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

)

select
    account_days.account_id,
    account_days.as_of_on,
    days.scoring_version,
    days.is_usage_stale,
    days.is_billing_stale,
    days.is_nps_connected,
    days.usage_on is not null as is_usage_evaluated,
    days.billing_on is not null as is_billing_evaluated,
    use_days.account_id is not null as has_use_row,
    coalesce(use_days.is_off_season, false) as is_off_season,
    use_days.recency_days,
    use_days.cadence_days,
    use_days.frequency_micro,
    use_days.depth_micro,
    use_days.breadth_micro,
    use_days.seat_utilisation_micro,
    use_days.trend_micro,
    use_days.ramp_micro,
    billing.is_paying,
    billing.billing_status,
    billing.unpaid_days,
    engagement.has_contacts,
    -- a role that the account's size does not require is missed only where somebody holds it
    case
        when engagement.is_decision_maker_required or engagement.decision_makers > 0 then engagement.decision_maker_bp
    end as decision_maker_bp,
    case
        when engagement.is_influencer_required or engagement.influencers > 0 then engagement.influencer_bp
    end as influencer_bp,
    voice.voice_class,
    voice.answer_age_days
from account_days
inner join days
    on days.as_of_on = account_days.as_of_on
left join use_days
    on use_days.account_id = account_days.account_id and use_days.as_of_on = days.usage_on
left join billing
    on billing.account_id = account_days.account_id and billing.as_of_on = days.billing_on
left join engagement
    on
        engagement.account_id = account_days.account_id
        and engagement.as_of_on = days.usage_on
        and engagement.scoring_version = days.scoring_version
left join voice
    on voice.account_id = account_days.account_id and voice.as_of_on = account_days.as_of_on
