-- the native MRR that today's is compared with, as a step function: that of a year ago, or of the first paid day
-- for accounts that have not paid for a year
with first_paid as (

    select
        account_id,
        min(first_paid_on) as first_paid_on
    from {{ ref('int_billing_steps') }}
    group by account_id

),

steps as (

    select
        mrr_steps.account_id,
        mrr_steps.currency,
        mrr_steps.net_mrr,
        first_paid.first_paid_on,
        mrr_steps.valid_from,
        {{ open_ended('mrr_steps.valid_to') }} as valid_to
    from {{ ref('int_mrr_steps') }} as mrr_steps
    inner join first_paid
        on first_paid.account_id = mrr_steps.account_id
    where {{ open_ended('mrr_steps.valid_to') }} > first_paid.first_paid_on

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['kept_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

)

select
    steps.account_id,
    steps.currency,
    parameters.scoring_version,
    steps.net_mrr,
    greatest(steps.valid_from, steps.first_paid_on) + parameters.kept_days as valid_from,
    case
        when steps.valid_to < cast('9999-12-31' as date) then cast(steps.valid_to + parameters.kept_days as date)
    end as valid_to
from steps
cross join parameters
union all
select
    steps.account_id,
    steps.currency,
    parameters.scoring_version,
    steps.net_mrr,
    steps.first_paid_on as valid_from,
    cast(steps.first_paid_on + parameters.kept_days as date) as valid_to
from steps
cross join parameters
where steps.valid_from <= steps.first_paid_on
