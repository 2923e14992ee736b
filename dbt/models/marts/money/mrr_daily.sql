{{ config(materialized='incremental', replace_days_domain='money') }}

with int_mrr_daily as (

    select * from {{ ref('int_mrr_daily') }}
    where as_of_on >= {{ recompute_from('money') }}

),

final as (

    select
        account_id,
        currency,
        as_of_on,
        mrr,
        contract_mrr,
        mrr_provisional,
        usage_mrr,
        cast(12 * mrr as bigint) as arr,
        native_mrr,
        native_contract_mrr,
        native_mrr_provisional,
        native_usage_mrr,
        rate,
        rate_on
    from int_mrr_daily

)

select * from final
