-- The effective intervals of every line: amounts as they count, dated where a change first matters.
-- A lapse that may still be renewed is an interval of its own; once K passes the grace it is gone.
with intervals as (

    select * from {{ ref('int_billing_line_intervals') }}

),

lapses as (

    select * from {{ ref('int_billing_lapses') }}

),

metered as (

    select * from {{ ref('int_metered_intervals') }}

),

in_force as (

    select
        intervals.line_key,
        intervals.valid_from,
        intervals.valid_to,
        intervals.account_id,
        intervals.item_key,
        intervals.subscription_id,
        intervals.item_id,
        intervals.status,
        intervals.standing,
        intervals.is_counted,
        intervals.is_lasting_pause,
        false as is_pending,
        intervals.plan,
        intervals.currency,
        intervals.pricing,
        intervals.quantity,
        intervals.unit_amount,
        intervals.seats,
        intervals.term_days,
        intervals.canceled_on,
        intervals.scheduled_end_on,
        intervals.renews_on,
        intervals.is_renewal_inferred,
        intervals.notice_days,
        intervals.auto_renews,
        case when intervals.is_counted and intervals.pricing = 'licensed' then intervals.held_mrr else 0 end as net_mrr,
        case when intervals.is_counted and intervals.pricing = 'licensed' then intervals.list_mrr else 0 end
            as contract_mrr,
        case
            when
                intervals.standing = 'paused'
                and not intervals.is_lasting_pause
                and intervals.pricing = 'licensed'
                and not intervals.is_canceled
                then intervals.held_mrr
            else 0
        end as paused_mrr,
        cast(0 as bigint) as provisional_mrr,
        metered.usage_mrr,
        metered.usage_reason
    from intervals
    left join metered
        on metered.line_key = intervals.line_key and metered.valid_from = intervals.valid_from

),

pending as (

    select
        line_key,
        closes_on as valid_from,
        cast(null as date) as valid_to,
        lapsed_account_id as account_id,
        item_key,
        subscription_id,
        item_id,
        status,
        standing,
        false as is_counted,
        false as is_lasting_pause,
        true as is_pending,
        plan,
        currency,
        pricing,
        quantity,
        unit_amount,
        seats,
        term_days,
        canceled_on,
        scheduled_end_on,
        cast(null as date) as renews_on,
        false as is_renewal_inferred,
        notice_days,
        auto_renews,
        cast(0 as bigint) as net_mrr,
        cast(0 as bigint) as contract_mrr,
        cast(0 as bigint) as paused_mrr,
        held_mrr as provisional_mrr,
        cast(null as bigint) as usage_mrr,
        cast(null as varchar) as usage_reason
    from lapses

),

all_intervals as (

    select * from in_force
    union all
    select * from pending

)

{% set meaning = [
    'account_id', 'status', 'standing', 'is_counted', 'is_lasting_pause', 'is_pending', 'plan', 'currency', 'pricing',
    'quantity', 'unit_amount', 'seats', 'term_days', 'canceled_on', 'scheduled_end_on', 'renews_on',
    'is_renewal_inferred', 'notice_days', 'auto_renews', 'net_mrr', 'contract_mrr', 'paused_mrr', 'provisional_mrr',
    'usage_mrr', 'usage_reason',
] %}
select
    *,
    md5({{ content_of(meaning) }}) as content
from all_intervals
