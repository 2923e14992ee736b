-- what a line is worth a month under each version of its terms, before and after its discount.
-- Exact: quantity and percentage in millionths, one rounding at the end.
with versions as (

    select * from {{ ref('int_subscription_line_versions') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

whole as (

    select
        versions.*,
        {{ line_key('versions') }} as line_key,
        coalesce(versions.pricing, 'licensed') as line_pricing,
        {{ exact('versions.unit_amount') }} * {{ exact('versions.quantity * 1000000') }} as amount_micro,
        {{ exact('100000000 - coalesce(versions.discount_percent, 0) * 1000000') }} as kept_micro,
        {{ exact('coalesce(versions.discount_amount, 0)') }} as off_amount,
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
    line_key,
    version_number,
    case
        when version_number = first_version_number then cast('0001-01-01' as date) else valid_from
    end as valid_from,
    valid_to,
    plan,
    quantity,
    unit_amount,
    currency,
    billing_interval,
    interval_count,
    discount_percent,
    discount_amount,
    discount_ends_on,
    seats,
    renews_on,
    auto_renews,
    notice_days,
    line_pricing as pricing,
    {{ rounded_ratio('list_numerator', 'list_denominator') }} as list_mrr,
    {{ rounded_ratio('net_numerator', 'net_denominator') }} as discounted_mrr
from per_bill
