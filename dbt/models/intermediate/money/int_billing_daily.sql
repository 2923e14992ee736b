{{ config(materialized='incremental', replace_days_domain='money') }}

-- the steps of an account, day by day, with what depends on the day itself; rows from its first line on
with steps as (

    select * from {{ ref('int_billing_steps') }}
    where valid_to is null or valid_to > {{ recompute_from('money') }}

),

days as (

    select
        *,
        {{ day_series(
            'greatest(valid_from, ' ~ recompute_from('money') ~ ')',
            'least(coalesce(valid_to - 1, ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
        ) }} as as_of_on
    from steps
    where valid_from <= {{ as_of() }}

),

mrr as (

    select
        account_id,
        as_of_on,
        cast(sum(mrr) as bigint) as mrr,
        cast(sum(contract_mrr) as bigint) as contract_mrr,
        cast(sum(mrr_provisional) as bigint) as mrr_provisional,
        cast(sum(usage_mrr) as bigint) as usage_mrr,
        cast(sum(paused_mrr) as bigint) as paused_mrr,
        cast(sum(renewing_mrr) as bigint) as renewing_mrr
    from {{ ref('int_mrr_daily') }}
    where as_of_on >= {{ recompute_from('money') }}
    group by
        account_id,
        as_of_on

),

expansion as (

    select * from {{ ref('int_expansion_steps') }}

),

year_before as (

    select
        account_id,
        as_of_on + 365 as as_of_on,
        cast(sum(mrr) as bigint) as mrr
    from {{ ref('int_mrr_daily') }}
    where as_of_on >= {{ recompute_from('money') }} - 365 and as_of_on <= {{ as_of() }} - 365
    group by
        account_id,
        as_of_on + 365

)

select
    days.account_id,
    days.as_of_on,
    days.is_paying,
    days.first_paid_on,
    days.paid_days_before + case when days.is_paying then days.as_of_on - days.valid_from + 1 else 0 end as paid_days,
    coalesce(mrr.mrr, 0) as mrr,
    coalesce(mrr.contract_mrr, 0) as contract_mrr,
    coalesce(mrr.mrr_provisional, 0) as mrr_provisional,
    case when days.usage_reason is null then coalesce(mrr.usage_mrr, 0) end as usage_mrr,
    days.usage_reason,
    coalesce(mrr.paused_mrr, 0) as paused_mrr,
    days.billing_status,
    days.status_since_on,
    case when days.billing_status = 'past_due' then days.as_of_on - days.status_since_on + 1 else 0 end
        as past_due_days,
    case when days.billing_status = 'unpaid' then days.as_of_on - days.status_since_on + 1 else 0 end as unpaid_days,
    days.seats,
    days.plans,
    days.canceled_on,
    days.scheduled_churn_on,
    days.renews_on,
    days.is_renewal_inferred,
    days.renews_on - days.as_of_on as days_to_renewal,
    days.notice_by,
    coalesce(mrr.renewing_mrr, 0) as mrr_renewing_90d,
    days.term_days,
    days.is_renewal_pending,
    coalesce(expansion.expansion_mrr, 0) as expansion_mrr_365d,
    case when days.as_of_on - 365 >= {{ first_day() }} then coalesce(year_before.mrr, 0) end as mrr_365d_ago
from days
left join mrr
    on mrr.account_id = days.account_id and mrr.as_of_on = days.as_of_on
left join year_before
    on year_before.account_id = days.account_id and year_before.as_of_on = days.as_of_on
left join expansion
    on
        expansion.account_id = days.account_id
        and expansion.valid_from <= days.as_of_on
        and {{ open_ended('expansion.valid_to') }} > days.as_of_on
-- days lie together, so that the many models that read a few days read no others
order by days.as_of_on
