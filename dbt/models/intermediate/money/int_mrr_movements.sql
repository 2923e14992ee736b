{{ config(materialized='incremental', replace_days_domain='money') }}

-- the parts of a day in their order; each row starts where the one before it ended
with parts as (

    select * from {{ ref('int_mrr_movement_parts') }}
    where as_of_on >= {{ recompute_from('money') }}

),

reasons as (

    select * from {{ ref('int_mrr_reasons') }}
    where as_of_on >= {{ recompute_from('money') }}

),

listed as (

    select
        account_id,
        currency,
        as_of_on,
        1 as part,
        'fx' as movement,
        fx_change as mrr_change,
        cast(0 as bigint) as native_change,
        mrr_before as day_before
    from parts
    union all
    select
        account_id,
        currency,
        as_of_on,
        2 as part,
        'merge' as movement,
        merge_change as mrr_change,
        native_merge as native_change,
        mrr_before as day_before
    from parts
    union all
    select
        account_id,
        currency,
        as_of_on,
        3 as part,
        'transfer' as movement,
        transfer_change as mrr_change,
        native_transfer as native_change,
        mrr_before as day_before
    from parts
    union all
    select
        account_id,
        currency,
        as_of_on,
        4 as part,
        own_movement as movement,
        own_change as mrr_change,
        native_rest - native_transfer as native_change,
        mrr_before as day_before
    from parts

),

running as (

    select
        *,
        cast(day_before + sum(mrr_change) over (
            partition by account_id, currency, as_of_on order by part
            rows between unbounded preceding and current row
        ) as bigint) as mrr_after
    from listed

)

select
    running.account_id,
    running.currency,
    running.as_of_on,
    running.part,
    running.movement,
    case when running.movement in ('expansion', 'contraction') then reasons.reason end as reason,
    running.mrr_after - running.mrr_change as mrr_before,
    running.mrr_change,
    running.mrr_after,
    cast(running.native_change as bigint) as native_change
from running
left join reasons
    on reasons.account_id = running.account_id and reasons.as_of_on = running.as_of_on
where running.mrr_change <> 0 or running.native_change <> 0 or (running.mrr_change is null and running.part = 1)
