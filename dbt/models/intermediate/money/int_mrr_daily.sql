{{ config(materialized='incremental', replace_days_domain='money') }}

with steps as (

    select * from {{ ref('int_mrr_steps') }}
    where valid_to is null or valid_to > {{ recompute_from('money') }}

),

rates as (

    select * from {{ ref('int_fx_daily') }}
    where as_of_on >= {{ recompute_from('money') }}

),

days as (

    select
        account_id,
        currency,
        {{ day_series(
            'greatest(valid_from, ' ~ recompute_from('money') ~ ')',
            'least(coalesce(valid_to - 1, ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
        ) }} as as_of_on,
        net_mrr as native_mrr,
        contract_mrr as native_contract_mrr,
        provisional_mrr as native_mrr_provisional,
        usage_mrr as native_usage_mrr,
        paused_mrr as native_paused_mrr,
        renewing_mrr as native_renewing_mrr
    from steps
    where valid_from <= {{ as_of() }}

)

select
    days.account_id,
    days.currency,
    days.as_of_on,
    rates.rate,
    rates.rate_on,
    days.native_mrr,
    days.native_contract_mrr,
    days.native_mrr_provisional,
    days.native_usage_mrr,
    {{ converted('days.native_mrr', 'rates') }} as mrr,
    {{ converted('days.native_contract_mrr', 'rates') }} as contract_mrr,
    {{ converted('days.native_mrr_provisional', 'rates') }} as mrr_provisional,
    {{ converted('days.native_usage_mrr', 'rates') }} as usage_mrr,
    {{ converted('days.native_paused_mrr', 'rates') }} as paused_mrr,
    {{ converted('days.native_renewing_mrr', 'rates') }} as renewing_mrr
from days
left join rates
    on rates.currency = days.currency and rates.as_of_on = days.as_of_on
