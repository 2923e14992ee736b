{{ config(materialized='incremental', replace_days_domain='scores') }}

-- the score of an account from those of its roles: parts over the roles that its size requires,
-- or use alone where no contact is known
with spine as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

versions as (

    select * from {{ ref('int_engagement_settings') }}

),

sums as (

    select * from {{ ref('int_engagement_roles_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

contact_counts as (

    select * from {{ ref('int_contact_counts') }}

),

sizes as (

    select * from {{ ref('int_role_sizes') }}

),

joined as (

    select
        spine.account_id,
        spine.as_of_on,
        versions.scoring_version,
        versions.person_reference_micro is not null as is_calibrated,
        coalesce(contact_counts.has_contacts, false) as has_contacts,
        sizes.size,
        case
            when contact_counts.has_contacts then sizes.decision_maker_parts
            else 0
        end as decision_maker_parts,
        case when contact_counts.has_contacts then sizes.influencer_parts else 0 end as influencer_parts,
        case when contact_counts.has_contacts then sizes.user_parts else versions.user_parts end as user_parts,
        coalesce(contact_counts.decision_makers, 0) as decision_makers,
        coalesce(contact_counts.influencers, 0) as influencers,
        coalesce(contact_counts.users, 0) as listed_users,
        coalesce(sums.users_seen, 0) as users_seen,
        coalesce(sums.engaged_decision_makers, 0) as engaged_decision_makers,
        coalesce(sums.engaged_influencers, 0) as engaged_influencers,
        coalesce(sums.engaged_users, 0) as engaged_users,
        coalesce({{ union_bp('sums.decision_maker_ln_micro') }}, 0) as decision_maker_bp,
        coalesce({{ union_bp('sums.influencer_ln_micro') }}, 0) as influencer_bp,
        -- sum(s) over the share of seats; without seats, of the people seen and at least so many
        least(10000, cast(round(
            10000.0 * coalesce(sums.user_sum_micro, 0) / versions.user_seat_share_micro
            / case
                when billing.seats > 0 then billing.seats
                else greatest(coalesce(sums.users_seen, 0), versions.minimum_people)
            end
        ) as bigint)) as user_bp
    from spine
    cross join versions
    left join sums
        on
            sums.account_id = spine.account_id
            and sums.as_of_on = spine.as_of_on
            and sums.scoring_version = versions.scoring_version
    left join billing on billing.account_id = spine.account_id and billing.as_of_on = spine.as_of_on
    left join contact_counts
        on
            contact_counts.account_id = spine.account_id
            and contact_counts.valid_from <= spine.as_of_on
            and contact_counts.valid_to > spine.as_of_on
    left join sizes
        on
            sizes.scoring_version = versions.scoring_version
            and coalesce(case when billing.seats > 0 then billing.seats end, -1)
            between sizes.min_seats and sizes.max_seats

),

{{ engagement_points() }}

select * from pointed
