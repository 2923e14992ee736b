{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what an avatar is judged by, from an account's first paid day on: what it pays, its momentum, its growth potential
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and first_paid_on is not null

),

past_mrr as (

    select * from {{ ref('int_avatar_mrr_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

usage_momentum as (

    select * from {{ ref('int_avatar_usage_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

growth as (

    select * from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['momentum_paid_days', 'entrant_paid_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

-- a renewal that is pending keeps the account what it was
paid as (

    select
        account_days.account_id,
        account_days.as_of_on,
        billing.is_paying,
        billing.is_renewal_pending,
        billing.is_paying or billing.is_renewal_pending as is_customer,
        {{ is_churned('billing') }} as is_churned,
        cast(billing.paid_days as bigint) as paid_days,
        billing.mrr + billing.mrr_provisional as mrr,
        case
            when account_days.as_of_on - 180 < {{ first_day() }} then null
            when past_mrr.account_id is null then 0
            else past_mrr.mrr_180d_ago
        end as mrr_180d_ago,
        case
            when account_days.as_of_on - 365 < {{ first_day() }} then null
            when past_mrr.account_id is null then 0
            else past_mrr.mrr_365d_ago
        end as mrr_365d_ago
    from account_days
    inner join billing
        on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
    left join past_mrr
        on past_mrr.account_id = account_days.account_id and past_mrr.as_of_on = account_days.as_of_on

),

measured as (

    select
        paid.*,
        days.scoring_version,
        not days.is_usage_stale and not days.is_billing_stale as is_fresh,
        growth.growth_bp,
        usage_momentum.usage_doublings_micro,
        paid.paid_days < parameters.entrant_paid_days as is_young,
        paid.paid_days >= parameters.momentum_paid_days as is_old_enough,
        case
            when paid.mrr > 0 and paid.mrr_180d_ago > 0
                then {{ micro("ln(paid.mrr / cast(paid.mrr_180d_ago as double)) / ln(2e0)") }}
        end as mrr_doublings_micro,
        case
            when paid.mrr_365d_ago > 0 then {{ micro("paid.mrr / cast(paid.mrr_365d_ago as double) - 1") }}
        end as mrr_growth_365d_micro
    from paid
    inner join days
        on days.as_of_on = paid.as_of_on
    inner join parameters
        on parameters.scoring_version = days.scoring_version
    left join usage_momentum
        on
            usage_momentum.account_id = paid.account_id
            and usage_momentum.as_of_on = paid.as_of_on
            and usage_momentum.scoring_version = days.scoring_version
    left join growth
        on
            growth.account_id = paid.account_id
            and growth.as_of_on = paid.as_of_on
            and growth.scoring_version = days.scoring_version

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_fresh,
    is_paying,
    is_customer,
    is_churned,
    is_renewal_pending,
    is_young,
    paid_days,
    cast(mrr as bigint) as mrr,
    cast(12 * mrr as bigint) as arr,
    mrr_180d_ago,
    mrr_growth_365d_micro,
    coalesce(mrr < mrr_180d_ago, false) as is_mrr_falling,
    mrr_doublings_micro,
    usage_doublings_micro,
    case
        when is_old_enough
            then
                greatest(
                    coalesce(mrr_doublings_micro, usage_doublings_micro),
                    coalesce(usage_doublings_micro, mrr_doublings_micro)
                )
    end as momentum_micro,
    case
        when not is_old_enough or coalesce(mrr_doublings_micro, usage_doublings_micro) is null then null
        when usage_doublings_micro is null or mrr_doublings_micro >= usage_doublings_micro then 'mrr'
        else 'usage'
    end as momentum_source,
    growth_bp
from measured
order by as_of_on
