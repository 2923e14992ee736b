{{ config(materialized='view') }}

-- what an account does beside what its people say: whether it keeps its MRR, and is engaged; raw and stable
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

mrr_before as (

    select * from {{ ref('int_mrr_before_daily') }}

),

engagement as (

    select * from {{ ref('int_engagement_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

borders as (

    select * from {{ ref('segment_borders') }}
    where axis = 'advocacy' and border = 'engagement'

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['loyal_paid_days', 'kept_mrr']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

),

facts as (

    select
        account_days.account_id,
        account_days.as_of_on,
        parameters.scoring_version,
        coalesce(billing.is_paying, false) as is_paying,
        coalesce(billing.is_renewal_pending, false) as is_renewal_pending,
        billing.canceled_on is not null as is_canceled,
        -- exactly that share is kept on every day, though both amounts are rounded after their conversion
        coalesce(
            (billing.is_paying or billing.is_renewal_pending)
            and 1000000 * (billing.mrr + billing.mrr_provisional + 1)
            >= cast(round(1e6 * parameters.kept_mrr) as bigint) * coalesce(mrr_before.mrr_before, 0),
            false
        ) as is_kept,
        coalesce(billing.paid_days >= parameters.loyal_paid_days, false) as is_long_paid,
        coalesce(engagement.is_high, false) as is_engaged,
        coalesce(
            case when engagement.is_fresh then engagement.quantity >= borders.enter_at else engagement.is_high end,
            false
        ) as is_raw_engaged,
        coalesce(engagement.pending_days, 0) as engagement_pending_days
    from account_days
    cross join parameters
    inner join borders
        on borders.scoring_version = parameters.scoring_version
    left join billing
        on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
    left join mrr_before
        on
            mrr_before.account_id = account_days.account_id
            and mrr_before.as_of_on = account_days.as_of_on
            and mrr_before.scoring_version = parameters.scoring_version
    left join engagement
        on
            engagement.account_id = account_days.account_id
            and engagement.as_of_on = account_days.as_of_on
            and engagement.scoring_version = parameters.scoring_version

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_paying,
    is_renewal_pending,
    is_canceled,
    engagement_pending_days,
    case
        when not is_kept then 'shrunk'
        when is_long_paid and is_raw_engaged then 'engaged'
        else 'kept'
    end as raw_situation,
    case
        when not is_kept then 'shrunk'
        when is_long_paid and is_engaged then 'engaged'
        else 'kept'
    end as situation
from facts
