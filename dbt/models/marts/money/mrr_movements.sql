{{ config(materialized='incremental', replace_days_domain='money') }}

with int_mrr_movements as (

    select * from {{ ref('int_mrr_movements') }}
    where as_of_on >= {{ recompute_from('money') }}

),

final as (

    select
        account_id,
        currency,
        as_of_on,
        cast(date_trunc('month', as_of_on) as date) as month_on,
        part,
        movement,
        reason,
        mrr_before,
        mrr_change,
        mrr_after,
        native_change as native_mrr_change
    from int_mrr_movements

)

select * from final
