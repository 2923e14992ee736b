-- lines that ended on their term's end with nothing after them for their account, K within the grace:
-- they may have been renewed and not yet reported. A later line, known today, makes the gap a churn.
with intervals as (

    select * from {{ ref('int_billing_line_intervals') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

last_days as (

    select
        account_id,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as last_on
    from intervals
    group by account_id

),

ended as (

    select
        intervals.*,
        coalesce(merged_accounts.into_account_id, intervals.account_id) as lapsed_account_id
    from intervals
    cross join parameters
    left join merged_accounts
        on
            merged_accounts.account_id = intervals.account_id
            and merged_accounts.valid_from <= intervals.closes_on
            and {{ open_ended('merged_accounts.valid_to') }} > intervals.closes_on
    where
        intervals.valid_to = intervals.closes_on
        and intervals.is_ended_by_term
        and intervals.is_counted
        and intervals.pricing = 'licensed'
        and intervals.closes_on <= {{ as_of() }}
        and {{ as_of() }} < intervals.closes_on + case
            when intervals.term_days >= parameters.long_term_days then parameters.long_grace_days
            else parameters.grace_days
        end

)

select
    ended.line_key,
    ended.item_key,
    ended.subscription_id,
    ended.item_id,
    ended.lapsed_account_id,
    ended.closes_on,
    ended.status,
    ended.standing,
    ended.plan,
    ended.currency,
    ended.pricing,
    ended.quantity,
    ended.unit_amount,
    ended.seats,
    ended.term_days,
    ended.canceled_on,
    ended.scheduled_end_on,
    ended.notice_days,
    ended.auto_renews,
    ended.held_mrr
from ended
left join last_days
    on last_days.account_id = ended.lapsed_account_id
where last_days.last_on is null or last_days.last_on <= ended.closes_on
