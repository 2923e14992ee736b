-- mean of the last full months invoiced: over three months, or since the first month with an invoice
with invoices as (

    select
        invoice_id,
        account_id,
        status,
        currency,
        amount,
        cast(date_trunc('month', issued_on) as date) as invoiced_month_on,
        row_number() over (
            partition by _feed, invoice_id order by _slot desc, _known_on desc, _row desc
        ) as later_rows
    from {{ ref('stg_billing__invoices') }}

),

statuses as (

    select * from {{ ref('invoice_statuses') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}

),

invoiced as (

    select
        invoices.account_id,
        invoices.currency,
        invoices.invoiced_month_on,
        cast(sum(invoices.amount) as bigint) as amount
    from invoices
    left join statuses
        on statuses.status = lower(invoices.status)
    where invoices.later_rows = 1 and coalesce(statuses.is_invoiced, true)
    group by
        invoices.account_id,
        invoices.currency,
        invoices.invoiced_month_on

),

spread as (

    select
        invoiced.*,
        parameters.usage_months,
        {{ number_series('1', 'parameters.usage_months') }} as months_later
    from invoiced
    cross join parameters

),

months as (

    select
        coalesce(merged_accounts.into_account_id, spread.account_id) as account_id,
        spread.currency,
        spread.invoiced_month_on,
        spread.amount,
        spread.usage_months,
        {{ add_months('spread.invoiced_month_on', 'spread.months_later') }} as month_on
    from spread
    left join merged_accounts
        on
            merged_accounts.account_id = spread.account_id
            and merged_accounts.valid_from <= {{ add_months('spread.invoiced_month_on', 'spread.months_later') }}
            and {{ open_ended('merged_accounts.valid_to') }}
            > {{ add_months('spread.invoiced_month_on', 'spread.months_later') }}

),

sums as (

    select
        account_id,
        currency,
        month_on,
        max(usage_months) as usage_months,
        cast(sum(amount) as bigint) as invoiced_amount
    from months
    group by
        account_id,
        currency,
        month_on

),

firsts as (

    select
        account_id,
        currency,
        min(invoiced_month_on) as first_month_on
    from months
    group by
        account_id,
        currency

)

select
    sums.account_id,
    sums.currency,
    sums.month_on,
    {{ rounded_ratio(
        'sums.invoiced_amount',
        'least(sums.usage_months, (year(sums.month_on) - year(firsts.first_month_on)) * 12'
        ~ ' + month(sums.month_on) - month(firsts.first_month_on))'
    ) }} as usage_mrr
from sums
inner join firsts
    on firsts.account_id = sums.account_id and firsts.currency = sums.currency
where sums.month_on <= {{ as_of() }}
