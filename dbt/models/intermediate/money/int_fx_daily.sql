-- Currency and day with a rate young enough to use: the day's, or the last within a week. The reporting
-- currency itself is 1. reporting amount = native amount x numerator / denominator, minor units to minor units.
with days as (

    select as_of_on from {{ ref('int_days') }}
    union all
    select {{ first_day() }} - 1 as as_of_on

),

rates as (

    select * from {{ ref('int_fx_rates') }}

),

currencies as (

    select * from {{ ref('currencies') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

run as (

    select
        run.reporting_currency,
        currencies.exponent
    from {{ source('ops', 'run') }} as run
    inner join currencies
        on currencies.currency = run.reporting_currency

),

usable as (

    select
        rates.currency,
        days.as_of_on,
        rates.valid_from as rate_on,
        rates.rate
    from rates
    cross join run
    cross join parameters
    inner join days
        on
            days.as_of_on >= rates.valid_from
            and days.as_of_on < {{ open_ended('rates.valid_to') }}
            and days.as_of_on <= rates.valid_from + parameters.rate_age_days
    where rates.currency <> run.reporting_currency and rates.rate > 0
    union all
    select
        run.reporting_currency as currency,
        days.as_of_on,
        days.as_of_on as rate_on,
        cast(1 as decimal(28, 12)) as rate
    from run
    cross join days

)

select
    usable.currency,
    usable.as_of_on,
    usable.rate_on,
    usable.rate,
    {{ exact('usable.rate * 1000000000000') }}
    * {{ exact('power(10, greatest(run.exponent - currencies.exponent, 0))') }} as numerator,
    {{ exact('1000000000000') }}
    * {{ exact('power(10, greatest(currencies.exponent - run.exponent, 0))') }} as denominator
from usable
cross join run
inner join currencies
    on currencies.currency = usable.currency
