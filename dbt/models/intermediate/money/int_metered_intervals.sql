-- Usage MRR of the account and currency of a metered line, month by month. Invoices name no line:
-- where the account also pays for licensed lines in that currency, its usage is unknown, not guessed.
with intervals as (

    select * from {{ ref('int_billing_line_intervals') }}

),

usage_mrr as (

    select * from {{ ref('int_usage_mrr') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

inputs as (

    select coalesce(bool_or(is_connected), false) as has_invoices
    from {{ source('ops', 'inputs') }}
    where table_name = 'billing.invoices'

),

metered as (

    select
        intervals.line_key,
        intervals.valid_from,
        intervals.account_id,
        intervals.currency,
        cast(date_trunc('month', intervals.starts_on) as date) as first_month_on,
        cast(date_trunc('month', intervals.valid_from) as date) as month_on,
        {{ add_months("cast(date_trunc('month', intervals.valid_from) as date)", '-parameters.usage_months') }}
            as window_from
    from intervals
    cross join parameters
    where intervals.pricing = 'metered' and intervals.is_counted

),

mixed as (

    select distinct
        metered.line_key,
        metered.valid_from
    from metered
    inner join intervals
        on
            intervals.account_id = metered.account_id
            and intervals.currency = metered.currency
            and intervals.valid_from < metered.month_on
            and {{ open_ended('intervals.valid_to') }} > metered.window_from
    where intervals.pricing = 'licensed' and intervals.held_mrr > 0

),

judged as (

    select
        metered.line_key,
        metered.valid_from,
        usage_mrr.usage_mrr,
        case
            when not inputs.has_invoices then 'billing.invoices is not connected'
            when mixed.line_key is not null then 'invoices do not tell metered from licensed lines'
            when usage_mrr.usage_mrr is null and metered.first_month_on >= metered.month_on
                then 'no full month invoiced yet'
        end as usage_reason
    from metered
    cross join inputs
    left join usage_mrr
        on
            usage_mrr.account_id = metered.account_id
            and usage_mrr.currency = metered.currency
            and usage_mrr.month_on = metered.month_on
    left join mixed
        on mixed.line_key = metered.line_key and mixed.valid_from = metered.valid_from

)

select
    line_key,
    valid_from,
    case when usage_reason is null then coalesce(usage_mrr, 0) end as usage_mrr,
    usage_reason
from judged
