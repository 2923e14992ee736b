-- dates come from what the line's latest version says; a line that vanished from its snapshots ends at that slot
with versions as (

    select
        versions.*,
        {{ line_key('versions') }} as line_key
    from {{ ref('int_subscription_line_versions') }} as versions

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

numbered as (

    select
        *,
        row_number() over (partition by line_key order by version_number desc) as later_versions,
        max(case when status <> 'canceled' then version_number end) over (partition by line_key) as last_standing
    from versions

),

cancellations as (

    select
        line_key,
        min(first_slot_on) as first_shown_canceled_on
    from numbered
    where status = 'canceled' and (last_standing is null or version_number > last_standing)
    group by line_key

),

told as (

    select
        numbered.*,
        billing_intervals.calendar_months * numbered.interval_count as calendar_months,
        billing_intervals.calendar_days * numbered.interval_count as calendar_days,
        case
            when numbered.status = 'canceled'
                then coalesce(numbered.canceled_on, numbered.status_since_on, cancellations.first_shown_canceled_on)
            else numbered.canceled_on
        end as notice_on,
        case
            when numbered.status = 'canceled'
                then coalesce(numbered.status_since_on, numbered.canceled_on, cancellations.first_shown_canceled_on)
        end as canceled_from
    from numbered
    left join billing_intervals
        on billing_intervals.billing_interval = numbered.billing_interval
    left join cancellations
        on cancellations.line_key = numbered.line_key
    where numbered.later_versions = 1

),

dated as (

    select
        *,
        case when status = 'canceled' then coalesce(ends_on, notice_on) else ends_on end as told_end_on
    from told

)

select
    dated.line_key,
    concat_ws('|', dated._feed, dated.subscription_id, coalesce(dated.item_id, '')) as item_key,
    dated.subscription_id,
    dated.item_id,
    dated.account_id,
    dated.starts_on,
    dated.ends_on,
    least(dated.told_end_on, dated.valid_to) as closes_on,
    dated.notice_on,
    dated.canceled_from,
    dated.trial_ends_on,
    coalesce(dated.notice_on is null and dated.ends_on = least(dated.told_end_on, dated.valid_to), false)
        as is_ended_as_told,
    {{ is_term_end('dated', 'parameters.term_end_tolerance_days') }} as is_term_end
from dated
cross join parameters
