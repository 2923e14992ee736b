-- what a line is worth a month under each version of its terms, before and after its discount.
-- The term is what that version told: an end that is told later does not make a monthly line a long one in hindsight.
-- Exact: quantity and percentage in millionths, one rounding at the end.
with versions as (

    select * from {{ ref('int_subscription_line_versions') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

whole as (

    select
        versions.*,
        {{ line_key('versions') }} as line_key,
        coalesce(versions.pricing, 'licensed') as line_pricing,
        {{ exact('versions.unit_amount') }} * {{ exact('versions.quantity * 1000000') }} as amount_micro,
        {{ exact('100000000 - coalesce(versions.discount_percent, 0) * 1000000') }} as kept_micro,
        {{ exact('coalesce(versions.discount_amount, 0)') }} as off_amount,
        billing_intervals.calendar_months * versions.interval_count as calendar_months,
        billing_intervals.calendar_days * versions.interval_count as calendar_days,
        billing_intervals.months_denominator,
        billing_intervals.months_numerator * versions.interval_count as months_numerator
    from versions
    left join billing_intervals
        on billing_intervals.billing_interval = versions.billing_interval

),

per_bill as (

    select
        *,
        greatest(amount_micro, 0) * months_denominator as list_numerator,
        greatest(amount_micro * kept_micro - off_amount * 100000000000000, 0) * months_denominator as net_numerator,
        {{ exact('1000000') }} * months_numerator as list_denominator,
        {{ exact('100000000000000') }} * months_numerator as net_denominator,
        min(version_number) over (partition by line_key) as first_version_number
    from whole

)

select
    per_bill.line_key,
    per_bill.version_number,
    case
        when per_bill.version_number = per_bill.first_version_number then cast('0001-01-01' as date)
        else per_bill.valid_from
    end as valid_from,
    per_bill.valid_to,
    per_bill.starts_on,
    per_bill.ends_on,
    per_bill.calendar_months,
    per_bill.calendar_days,
    case
        when per_bill.ends_on is not null then per_bill.ends_on - per_bill.starts_on
        when per_bill.calendar_months > 0
            then {{ add_months('per_bill.starts_on', 'per_bill.calendar_months') }} - per_bill.starts_on
        else per_bill.calendar_days
    end as term_days,
    {{ is_term_end('per_bill', 'parameters.term_end_tolerance_days') }} as is_term_end,
    per_bill.plan,
    per_bill.quantity,
    per_bill.unit_amount,
    per_bill.currency,
    per_bill.billing_interval,
    per_bill.interval_count,
    per_bill.discount_percent,
    per_bill.discount_amount,
    per_bill.discount_ends_on,
    per_bill.seats,
    per_bill.renews_on,
    per_bill.auto_renews,
    per_bill.notice_days,
    per_bill.line_pricing as pricing,
    {{ rounded_ratio('per_bill.list_numerator', 'per_bill.list_denominator') }} as list_mrr,
    {{ rounded_ratio('per_bill.net_numerator', 'per_bill.net_denominator') }} as discounted_mrr
from per_bill
cross join parameters
