-- What billing says of an account as a step function, from its first line on: constant between changes.
-- While a renewal is pending the account keeps what its lapsed line said, but pays nothing.
with lines as (

    select * from {{ ref('int_billing_lines') }}

),

statuses as (

    select * from {{ ref('billing_statuses') }}

),

changes as (

    select
        account_id,
        valid_from as changed_on
    from lines
    union
    select
        account_id,
        valid_to as changed_on
    from lines
    where valid_to is not null

),

spans as (

    select
        account_id,
        changed_on as valid_from,
        lead(changed_on) over (partition by account_id order by changed_on) as valid_to
    from changes

),

in_force as (

    select
        spans.account_id,
        spans.valid_from,
        spans.valid_to,
        lines.line_key,
        lines.is_pending,
        lines.is_counted,
        lines.is_lasting_pause,
        lines.standing,
        lines.plan,
        lines.pricing,
        lines.net_mrr,
        lines.usage_mrr,
        lines.usage_reason,
        lines.term_days,
        lines.canceled_on,
        lines.scheduled_end_on,
        lines.renews_on,
        lines.is_renewal_inferred,
        lines.renews_on - cast(lines.notice_days as integer) as notice_by,
        case when lines.standing <> 'paused' then lines.seats end as seats,
        statuses.telling,
        row_number() over (
            partition by spans.account_id, spans.valid_from
            order by
                case when lines.is_counted then lines.renews_on end nulls last, lines.term_days desc, lines.line_key asc
        ) as renewal_order
    from spans
    left join lines
        on
            lines.account_id = spans.account_id
            and lines.valid_from <= spans.valid_from
            and {{ open_ended('lines.valid_to') }} > spans.valid_from
    -- a lasting pause is a churn
    left join statuses
        on statuses.status = case when lines.is_lasting_pause then 'canceled' else lines.status end

),

summed as (

    select
        account_id,
        valid_from,
        valid_to,
        coalesce(
            sum(net_mrr) > 0
            or max(usage_mrr) > 0
            or bool_or(is_counted and pricing = 'metered' and usage_reason is not null),
            false
        ) as is_paying,
        coalesce(bool_or(is_pending), false) as is_renewal_pending,
        coalesce(bool_or(standing = 'paused' and not is_lasting_pause and not is_pending), false) as is_pausing,
        min(telling) as telling,
        cast(sum(seats) as bigint) as seats,
        {{ sorted_texts('plan') }} as plans,
        case
            when count(case when is_counted and canceled_on is null then 1 end) = 0
                then max(case when is_counted then canceled_on end)
        end as canceled_on,
        case
            when count(case when is_counted and scheduled_end_on is null then 1 end) = 0
                then max(case when is_counted then scheduled_end_on end)
        end as scheduled_churn_on,
        max(case when renewal_order = 1 and is_counted then renews_on end) as renews_on,
        coalesce(bool_or(renewal_order = 1 and is_counted and is_renewal_inferred), false) as is_renewal_inferred,
        max(case when renewal_order = 1 and is_counted then notice_by end) as notice_by,
        max(case when renewal_order = 1 then term_days end) as term_days,
        max(usage_reason) as usage_reason
    from in_force
    group by
        account_id,
        valid_from,
        valid_to

),

named as (

    select
        summed.*,
        coalesce(statuses.status, 'canceled') as billing_status
    from summed
    left join statuses
        on statuses.telling = summed.telling

),

compared as (

    select
        *,
        case
            when billing_status = lag(billing_status) over (partition by account_id order by valid_from) then 0
            else 1
        end as is_new_status
    from named

),

numbered as (

    select
        *,
        sum(is_new_status) over (
            partition by account_id order by valid_from rows between unbounded preceding and current row
        ) as status_number
    from compared

)

select
    account_id,
    valid_from,
    valid_to,
    is_paying,
    is_renewal_pending,
    is_pausing,
    seats,
    plans,
    canceled_on,
    scheduled_churn_on,
    renews_on,
    is_renewal_inferred,
    notice_by,
    cast(term_days as integer) as term_days,
    usage_reason,
    billing_status,
    min(valid_from) over (partition by account_id, status_number) as status_since_on,
    min(case when is_paying then valid_from end) over (
        partition by account_id order by valid_from rows between unbounded preceding and current row
    ) as first_paid_on,
    cast(coalesce(sum(case when is_paying then valid_to - valid_from else 0 end) over (
        partition by account_id order by valid_from rows between unbounded preceding and 1 preceding
    ), 0) as integer) as paid_days_before
from numbered
