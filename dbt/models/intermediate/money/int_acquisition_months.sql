-- what winning customers cost in a month, and whom it won; null where a cost has no rate
with month_ends as (

    select
        month_on,
        as_of_on
    from {{ ref('int_days') }}
    where is_month_end

),

costs as (

    select
        *,
        row_number() over (
            partition by _feed, month_on, account_id, cost_group, kind
            order by _slot desc, _known_on desc, _row desc
        ) as later_rows
    from {{ ref('stg_finance__costs') }}

),

rates as (

    select * from {{ ref('int_fx_daily') }}

),

movements as (

    select * from {{ ref('int_mrr_movements') }}
    where movement = 'new'

),

account_versions as (

    select * from {{ ref('int_account_versions') }}

),

spent as (

    select
        month_ends.as_of_on,
        case
            when count(*) = count(rates.rate)
                then cast(sum({{ rounded_ratio('costs.amount * rates.numerator', 'rates.denominator') }}) as bigint)
        end as acquisition_cost,
        count(*) - count(rates.rate) as costs_without_rate
    from costs
    inner join month_ends
        on month_ends.month_on = cast(date_trunc('month', costs.month_on) as date)
    left join rates
        on rates.currency = costs.currency and rates.as_of_on = month_ends.as_of_on
    where costs.later_rows = 1 and costs.kind = 'acquisition'
    group by month_ends.as_of_on

),

internal as (

    select distinct
        movements.account_id,
        movements.as_of_on
    from movements
    inner join account_versions
        on
            account_versions.account_id = movements.account_id
            and account_versions.valid_from <= movements.as_of_on
            and {{ open_ended('account_versions.valid_to') }} > movements.as_of_on
    where account_versions.is_internal

),

won as (

    select
        last_day(movements.as_of_on) as as_of_on,
        count(distinct movements.account_id) as new_accounts,
        cast(sum(movements.mrr_change) as bigint) as new_mrr
    from movements
    left join internal
        on internal.account_id = movements.account_id and internal.as_of_on = movements.as_of_on
    where internal.account_id is null
    group by last_day(movements.as_of_on)

)

select
    month_ends.as_of_on,
    spent.acquisition_cost,
    coalesce(spent.costs_without_rate, 0) as costs_without_rate,
    cast(coalesce(won.new_accounts, 0) as bigint) as new_accounts,
    coalesce(won.new_mrr, 0) as new_mrr
from month_ends
left join spent
    on spent.as_of_on = month_ends.as_of_on
left join won
    on won.as_of_on = month_ends.as_of_on
