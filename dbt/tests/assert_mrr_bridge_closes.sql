-- Start + parts = end, to the minor unit, for every account, currency and day recomputed; months are sums of days.
-- The first day of the tables has no evening before: its own rows carry the opening amount.
with mrr as (

    select
        account_id,
        currency,
        as_of_on,
        mrr,
        native_mrr
    from {{ ref('mrr_daily') }}
    where as_of_on >= {{ recompute_from('money') }} - 1

),

movements as (

    select
        account_id,
        currency,
        as_of_on,
        sum(mrr_change) as mrr_change,
        sum(native_mrr_change) as native_mrr_change
    from {{ ref('mrr_movements') }}
    where as_of_on >= {{ recompute_from('money') }}
    group by
        account_id,
        currency,
        as_of_on

),

days as (

    select
        coalesce(today.account_id, movements.account_id) as account_id,
        coalesce(today.currency, movements.currency) as currency,
        coalesce(today.as_of_on, movements.as_of_on) as as_of_on,
        -- a day without a rate has no amount; assert_mrr_has_a_rate speaks of it
        case when today.account_id is null then 0 else today.mrr end as mrr,
        coalesce(today.native_mrr, 0) as native_mrr,
        case when yesterday.account_id is null then 0 else yesterday.mrr end as mrr_before,
        coalesce(yesterday.native_mrr, 0) as native_mrr_before,
        coalesce(movements.mrr_change, 0) as mrr_change,
        coalesce(movements.native_mrr_change, 0) as native_mrr_change
    from mrr as today
    full outer join movements
        on
            movements.account_id = today.account_id
            and movements.currency = today.currency
            and movements.as_of_on = today.as_of_on
    left join mrr as yesterday
        on
            yesterday.account_id = coalesce(today.account_id, movements.account_id)
            and yesterday.currency = coalesce(today.currency, movements.currency)
            and yesterday.as_of_on = coalesce(today.as_of_on, movements.as_of_on) - 1

)

select *
from days
where
    as_of_on >= {{ recompute_from('money') }}
    and as_of_on > {{ first_day() }}
    and (mrr_before + mrr_change <> mrr or native_mrr_before + native_mrr_change <> native_mrr)
