-- how long customers stay, from the logo churn of the last full months: mean of the monthly rates, and the
-- Wilson interval of the accounts lost among the account-months behind it
with months as (

    select
        as_of_on,
        accounts_at_start,
        accounts_lost,
        logo_churn_monthly_micro
    from {{ ref('int_retention_monthly') }}
    where window_months = 1

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

summed as (

    select
        months.as_of_on,
        cast(count(earlier.logo_churn_monthly_micro) as integer) as months_known,
        cast(sum(earlier.accounts_at_start) as bigint) as account_months,
        cast(sum(earlier.accounts_lost) as bigint) as accounts_lost,
        cast(sum(earlier.logo_churn_monthly_micro) as bigint) as churn_sum_micro
    from months
    cross join parameters
    inner join months as earlier
        on
            earlier.as_of_on <= months.as_of_on
            and earlier.as_of_on > last_day({{ add_months('months.as_of_on', '-parameters.churn_months') }})
            and earlier.logo_churn_monthly_micro is not null
    group by months.as_of_on

)

select
    summed.as_of_on,
    summed.months_known,
    summed.account_months,
    summed.accounts_lost,
    case
        when summed.months_known = parameters.churn_months
            then {{ rounded_ratio('summed.churn_sum_micro', 'summed.months_known') }}
    end as mean_churn_micro,
    {{ wilson_micro('summed.accounts_lost', 'summed.account_months', 'parameters.confidence_z', 'low') }}
        as churn_low_micro,
    {{ wilson_micro('summed.accounts_lost', 'summed.account_months', 'parameters.confidence_z', 'high') }}
        as churn_high_micro
from summed
cross join parameters
