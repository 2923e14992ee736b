{{ config(materialized='view') }}

select
    currency,
    as_of_on,
    cast(count(*) as bigint) as accounts
from {{ ref('int_mrr_daily') }}
where
    rate is null
    and (native_mrr > 0 or native_contract_mrr > 0 or native_mrr_provisional > 0 or native_usage_mrr > 0)
group by
    currency,
    as_of_on
