-- what holds for a line in each of its intervals; intervals in which no snapshot showed it are left out
with breaks as (

    select * from {{ ref('int_billing_line_breaks') }}

),

dates as (

    select * from {{ ref('int_billing_line_dates') }}

),

terms as (

    select * from {{ ref('int_billing_line_terms') }}

),

statuses as (

    select * from {{ ref('int_billing_line_statuses') }}

),

renewals as (

    select * from {{ ref('int_billing_line_renewals') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}

),

counting as (

    select * from {{ ref('billing_statuses') }}

),

joined as (

    select
        breaks.line_key,
        breaks.valid_from,
        breaks.valid_to,
        dates.item_key,
        dates.subscription_id,
        dates.item_id,
        terms.term_days,
        dates.starts_on,
        coalesce(merged_accounts.into_account_id, dates.account_id) as account_id,
        dates.closes_on,
        dates.is_ended_as_told and dates.is_term_end as is_ended_by_term,
        case when dates.notice_on <= breaks.valid_from then dates.notice_on end as canceled_on,
        case when dates.notice_on <= breaks.valid_from then dates.closes_on end as scheduled_end_on,
        coalesce(dates.canceled_from <= breaks.valid_from, false) as is_canceled,
        case
            when statuses.run_number = 0 and breaks.valid_from < dates.trial_ends_on then 'trialing'
            else statuses.status
        end as standing,
        statuses.is_since_unknown,
        statuses.is_lasting_pause,
        terms.plan,
        terms.currency,
        terms.pricing,
        terms.quantity,
        terms.unit_amount,
        terms.seats,
        terms.auto_renews,
        terms.notice_days,
        terms.list_mrr,
        case
            when terms.discount_ends_on is null or breaks.valid_from < terms.discount_ends_on then terms.discounted_mrr
            else terms.list_mrr
        end as held_mrr,
        case
            when dates.notice_on <= breaks.valid_from then null
            when terms.renews_on >= breaks.valid_from then terms.renews_on
            else renewals.renews_on
        end as renews_on,
        coalesce(
            (dates.notice_on is null or dates.notice_on > breaks.valid_from)
            and (terms.renews_on is null or terms.renews_on < breaks.valid_from)
            and renewals.renews_on is not null,
            false
        ) as is_renewal_inferred
    from breaks
    inner join dates
        on dates.line_key = breaks.line_key
    inner join terms
        on
            terms.line_key = breaks.line_key
            and terms.valid_from <= breaks.valid_from
            and {{ open_ended('terms.valid_to') }} > breaks.valid_from
    inner join statuses
        on
            statuses.line_key = breaks.line_key
            and statuses.from_on <= breaks.valid_from
            and {{ open_ended('statuses.until_on') }} > breaks.valid_from
    left join renewals
        on
            renewals.line_key = breaks.line_key
            and renewals.version_number = terms.version_number
            and renewals.valid_from <= breaks.valid_from
            and renewals.renews_on > breaks.valid_from
    left join merged_accounts
        on
            merged_accounts.account_id = dates.account_id
            and merged_accounts.valid_from <= breaks.valid_from
            and {{ open_ended('merged_accounts.valid_to') }} > breaks.valid_from

)

select
    joined.*,
    case when joined.is_canceled then 'canceled' else joined.standing end as status,
    -- with one slot only nobody knows since when a line is unpaid: it counts until it ends
    counting.is_counted or (joined.standing = 'unpaid' and joined.is_since_unknown) as is_counted
from joined
left join counting
    on counting.status = joined.standing
