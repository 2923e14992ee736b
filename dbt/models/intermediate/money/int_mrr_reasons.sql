{{ config(materialized='incremental', replace_days_domain='money') }}

-- Why a paying account's MRR grew or shrank: each item is compared with itself the evening before; items that
-- came or went are paired by plan, because renewals often carry new ids. The reason is the largest part.
with days as (

    select distinct
        account_id,
        as_of_on
    from {{ ref('int_mrr_movement_parts') }}
    where
        as_of_on >= {{ recompute_from('money') }}
        and own_movement in ('expansion', 'contraction')
        and own_change <> 0

),

lines as (

    select * from {{ ref('int_billing_lines') }}
    where contract_mrr > 0

),

rates as (

    select * from {{ ref('int_fx_daily') }}
    where as_of_on >= {{ recompute_from('money') }}

),

sides as (

    select
        days.account_id,
        days.as_of_on,
        lines.item_key,
        lines.currency,
        coalesce(lines.plan, '') as plan,
        0 as side,
        lines.quantity,
        lines.net_mrr,
        lines.contract_mrr
    from days
    inner join lines
        on
            lines.account_id = days.account_id
            and lines.valid_from < days.as_of_on
            and {{ open_ended('lines.valid_to') }} >= days.as_of_on
    union all
    select
        days.account_id,
        days.as_of_on,
        lines.item_key,
        lines.currency,
        coalesce(lines.plan, '') as plan,
        1 as side,
        lines.quantity,
        lines.net_mrr,
        lines.contract_mrr
    from days
    inner join lines
        on
            lines.account_id = days.account_id
            and lines.valid_from <= days.as_of_on
            and {{ open_ended('lines.valid_to') }} > days.as_of_on

),

keyed as (

    select
        sides.*,
        {{ converted('sides.net_mrr', 'rates') }} as net,
        {{ converted('sides.contract_mrr', 'rates') }} as listed,
        case
            when
                min(sides.side) over (partition by sides.account_id, sides.as_of_on, sides.item_key)
                < max(sides.side) over (partition by sides.account_id, sides.as_of_on, sides.item_key)
                then concat('item ', sides.item_key)
            else concat('plan ', sides.plan)
        end as match_key
    from sides
    left join rates
        on rates.currency = sides.currency and rates.as_of_on = sides.as_of_on

),

matched as (

    select
        account_id,
        as_of_on,
        match_key,
        count(distinct side) = 2 as is_matched,
        max(case when side = 0 then plan end) as plan_before,
        max(case when side = 1 then plan end) as plan_after,
        {{ exact('sum(case when side = 0 then quantity else 0 end) * 1000000') }} as quantity_before,
        {{ exact('sum(case when side = 1 then quantity else 0 end) * 1000000') }} as quantity_after,
        {{ exact('sum(case when side = 0 then listed else 0 end)') }} as listed_before,
        {{ exact('sum(case when side = 1 then listed else 0 end)') }} as listed_after,
        {{ exact('sum(case when side = 0 then net else 0 end)') }} as net_before,
        {{ exact('sum(case when side = 1 then net else 0 end)') }} as net_after
    from keyed
    group by
        account_id,
        as_of_on,
        match_key

),

seats_apart as (

    select
        *,
        coalesce({{ rounded_ratio(
            'listed_before * (quantity_after - quantity_before)', 'nullif(quantity_before, 0)'
        ) }}, 0) as seats_part
    from matched

),

{%- set same_plan = 'is_matched and plan_before = plan_after' %}

parts as (

    select
        account_id,
        as_of_on,
        sum(case when {{ same_plan }} then seats_part else 0 end) as seats_part,
        sum(case when {{ same_plan }} then listed_after - listed_before - seats_part else 0 end) as price_part,
        sum(case when is_matched and plan_before <> plan_after then listed_after - listed_before else 0 end)
            as plan_part,
        sum(case when not is_matched then net_after - net_before else 0 end) as other_part,
        sum(case when is_matched then (net_after - net_before) - (listed_after - listed_before) else 0 end)
            as discount_part,
        max(case when not is_matched and net_before > 0 then 1 else 0 end)
        + max(case when not is_matched and net_after > 0 then 1 else 0 end) = 2 as is_replaced,
        sum(net_after - net_before) > 0 as is_growth
    from seats_apart
    group by
        account_id,
        as_of_on

),

ranked as (

    select
        *,
        case
            when is_growth
                then greatest(seats_part, price_part, plan_part, other_part, discount_part)
            else least(seats_part, price_part, plan_part, other_part, discount_part)
        end as largest_part
    from parts

)

select
    account_id,
    as_of_on,
    case
        when seats_part = largest_part then 'seats'
        when price_part = largest_part then 'price'
        when plan_part = largest_part then 'plan'
        when other_part = largest_part and is_replaced then 'plan'
        when other_part = largest_part then 'add_on'
        else 'discount'
    end as reason
from ranked
