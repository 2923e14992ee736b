-- a rate holds from its day until the next one; whether it is too old is judged where it is used
with rates as (

    select
        currency,
        rate_on,
        rate,
        row_number() over (
            partition by currency, rate_on order by _slot desc, _known_on desc, _row desc
        ) as later_rows
    from {{ ref('stg_finance__fx_rates') }}

)

select
    currency,
    rate,
    rate_on as valid_from,
    lead(rate_on) over (partition by currency order by rate_on) as valid_to
from rates
where later_rows = 1
