-- sums of each window, and the rates that follow from them, exact where they are ratios of sums
with accounts as (

    select * from {{ ref('int_retention_accounts') }}

),

days as (

    select * from {{ ref('int_days') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

windows as (

    select
        as_of_on,
        1 as window_months
    from days
    where is_month_end
    union all
    select
        as_of_on,
        12 as window_months
    from days
    where is_month_end

),

starts as (

    select
        windows.as_of_on,
        windows.window_months,
        last_day({{ add_months('windows.as_of_on', '-windows.window_months') }}) as start_on
    from windows

),

sums as (

    select
        starts.as_of_on,
        starts.window_months,
        starts.start_on,
        starts.start_on >= {{ first_day() }} as is_start_known,
        cast(count(case when accounts.start_mrr > 0 then 1 end) as bigint) as accounts_at_start,
        -- a lapse that may still be renewed is no loss yet
        cast(count(
            case when accounts.start_mrr > 0 and accounts.end_mrr = 0 and not accounts.is_pending then 1 end
        ) as bigint) as accounts_lost,
        cast(count(
            case when accounts.start_mrr > 0 and accounts.end_mrr = 0 and accounts.is_pending then 1 end
        ) as bigint) as accounts_pending,
        cast(count(case when accounts.end_mrr > 0 then 1 end) as bigint) as accounts_at_end,
        cast(coalesce(sum(accounts.start_mrr), 0) as bigint) as start_mrr,
        cast(coalesce(sum(accounts.end_mrr), 0) as bigint) as end_mrr,
        cast(coalesce(sum(case when accounts.start_mrr > 0 then accounts.end_mrr end), 0) as bigint) as kept_mrr,
        cast(coalesce(sum(least(accounts.start_mrr, accounts.end_mrr)), 0) as bigint) as kept_mrr_capped,
        cast(coalesce(sum(
            case when accounts.start_mrr > 0 and not accounts.is_reactivated then accounts.end_mrr end
        ), 0) as bigint) as stayed_mrr,
        cast(coalesce(sum(
            case when not accounts.is_reactivated then least(accounts.start_mrr, accounts.end_mrr) end
        ), 0) as bigint) as stayed_mrr_capped
    from starts
    left join accounts
        on accounts.as_of_on = starts.as_of_on and accounts.window_months = starts.window_months
    group by
        starts.as_of_on,
        starts.window_months,
        starts.start_on

)

select
    sums.as_of_on,
    sums.window_months,
    sums.start_on,
    sums.is_start_known,
    sums.accounts_at_start,
    sums.accounts_lost,
    sums.accounts_pending,
    sums.accounts_at_end,
    sums.start_mrr,
    sums.end_mrr,
    sums.kept_mrr,
    sums.kept_mrr_capped,
    sums.stayed_mrr,
    sums.stayed_mrr_capped,
    {%- for ratio, part in [
        ('nrr', 'kept_mrr'), ('grr', 'kept_mrr_capped'), ('nrr_stayed', 'stayed_mrr'),
        ('grr_stayed', 'stayed_mrr_capped')
    ] %}
    case when sums.is_start_known then {{ rounded_ratio(exact('sums.' ~ part) ~ ' * 1000000', 'sums.start_mrr') }} end
        as {{ ratio }}_micro,
    {%- endfor %}
    case
        when sums.is_start_known
            then {{ rounded_ratio(exact('sums.accounts_lost') ~ ' * 1000000', 'sums.accounts_at_start') }}
    end as logo_churn_micro,
    case
        when sums.is_start_known and sums.accounts_at_start > 0
            then cast(round((1 - power(
                1 - sums.accounts_lost / cast(sums.accounts_at_start as double),
                parameters.days_a_year / cast(parameters.months_a_year as double)
                / cast(sums.as_of_on - sums.start_on as double)
            )) * 1000000) as bigint)
    end as logo_churn_monthly_micro
from sums
cross join parameters
