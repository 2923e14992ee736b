{{ config(materialized='view') }}

-- the MRR that today's is compared with, at today's rates: a currency that falls makes no customer disloyal
with steps as (

    select
        *,
        {{ day_series(
            'greatest(valid_from, ' ~ recompute_from('scores') ~ ')',
            'least(coalesce(valid_to - 1, ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
        ) }} as as_of_on
    from {{ ref('int_mrr_before_steps') }}
    where
        net_mrr > 0
        and valid_from <= {{ as_of() }}
        and {{ open_ended('valid_to') }} > {{ recompute_from('scores') }}

),

rates as (

    select * from {{ ref('int_fx_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

)

select
    steps.account_id,
    steps.as_of_on,
    steps.scoring_version,
    cast(sum({{ converted('steps.net_mrr', 'rates') }}) as bigint) as mrr_before
from steps
left join rates
    on rates.currency = steps.currency and rates.as_of_on = steps.as_of_on
group by
    steps.account_id,
    steps.as_of_on,
    steps.scoring_version
