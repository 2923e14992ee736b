-- The accounts by which the profile is judged: those that paid when the window began, or first paid in it, with what
-- became of them. A merged account counts as what it is part of today; internal accounts are left out.
with parameters as (

    select
        segment_parameters.scoring_version,
        {{ parameter_columns(['retention_months']) }}
    from {{ ref('segment_parameters') }} as segment_parameters
    inner join {{ ref('scoring_versions') }} as versions
        on versions.scoring_version = segment_parameters.scoring_version and versions.status = 'current'
    where segment_parameters.axis = 'fit'
    group by segment_parameters.scoring_version

),

-- who paid before the first day of the tables is known only as far as it still paid then
windows as (

    select greatest({{ first_day() }}, {{ add_months(as_of(), '-retention_months') }}) as observed_from_on
    from parameters

),

first_paid as (

    select
        account_id,
        min(first_paid_on) as first_paid_on
    from {{ ref('int_billing_steps') }}
    group by account_id

),

billing as (

    select * from {{ ref('int_billing_daily') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}
    where valid_from <= {{ as_of() }} and {{ open_ended('valid_to') }} > {{ as_of() }}

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on = {{ as_of() }} and not is_internal

),

payers as (

    select
        billing.account_id,
        billing.as_of_on as started_on
    from billing
    inner join windows
        on windows.observed_from_on = billing.as_of_on
    where billing.is_paying
    union all
    select
        first_paid.account_id,
        first_paid.first_paid_on as started_on
    from first_paid
    cross join windows
    where first_paid.first_paid_on > windows.observed_from_on and first_paid.first_paid_on <= {{ as_of() }}

),

joined as (

    select
        coalesce(merged_accounts.into_account_id, payers.account_id) as account_id,
        min(payers.started_on) as started_on
    from payers
    left join merged_accounts
        on merged_accounts.account_id = payers.account_id
    group by coalesce(merged_accounts.into_account_id, payers.account_id)

)

select
    joined.account_id,
    joined.started_on,
    windows.observed_from_on,
    not {{ is_churned('billing') }} as is_retained
from joined
cross join windows
inner join account_days
    on account_days.account_id = joined.account_id
left join billing
    on billing.account_id = joined.account_id and billing.as_of_on = {{ as_of() }}
