{{ config(materialized='incremental', replace_days_domain='scores') }}

-- the mean weekly people of four weeks, as their sum so that it stays whole; null until four weeks are known
with use_days as (

    select
        account_id,
        as_of_on,
        wau
    from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

earlier_use_days as (

    select
        account_id,
        as_of_on,
        wau
    from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - 21

)

select
    use_days.account_id,
    use_days.as_of_on,
    cast(
        use_days.wau + one_week_ago.wau + two_weeks_ago.wau + three_weeks_ago.wau as bigint
    ) as four_weeks_people
from use_days
left join earlier_use_days as one_week_ago
    on one_week_ago.account_id = use_days.account_id and one_week_ago.as_of_on = use_days.as_of_on - 7
left join earlier_use_days as two_weeks_ago
    on two_weeks_ago.account_id = use_days.account_id and two_weeks_ago.as_of_on = use_days.as_of_on - 14
left join earlier_use_days as three_weeks_ago
    on three_weeks_ago.account_id = use_days.account_id and three_weeks_ago.as_of_on = use_days.as_of_on - 21
