{{ config(materialized='view') }}

-- the ARR that touch is about: of the whole family, use included, and as it was before a pause or a pending renewal.
-- Metered use that nobody knows is left out; where nothing else is known, neither is the ARR
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

families as (

    select * from {{ ref('int_account_families') }}

),

-- internal accounts are in no figure
members as (

    select
        account_days.account_id,
        account_days.as_of_on,
        account_days.is_internal,
        coalesce(families.family_id, account_days.account_id) as family_id,
        case
            when not account_days.is_internal
                then billing.mrr + billing.paused_mrr + billing.mrr_provisional + coalesce(billing.usage_mrr, 0)
        end as mrr,
        case when not account_days.is_internal then billing.usage_reason end as usage_reason
    from account_days
    left join billing
        on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
    left join families
        on
            families.account_id = account_days.account_id
            and families.valid_from <= account_days.as_of_on
            and families.valid_to > account_days.as_of_on

),

sums as (

    select
        family_id,
        as_of_on,
        cast(12 * coalesce(sum(mrr), 0) as bigint) as known_arr,
        max(usage_reason) as usage_reason
    from members
    group by
        family_id,
        as_of_on

)

select
    members.account_id,
    members.as_of_on,
    members.is_internal,
    members.family_id,
    sums.usage_reason,
    case when sums.usage_reason is null or sums.known_arr > 0 then sums.known_arr end as arr
from members
inner join sums
    on sums.family_id = members.family_id and sums.as_of_on = members.as_of_on
