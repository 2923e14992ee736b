{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as disruptor or leader, whether it has just left both, on how many fresh days in a row its
-- growth potential has been that of a new watch, and since when no fresh day has said otherwise
with facts as (

    select * from {{ ref('int_avatar_facts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

momentum as (

    select * from {{ ref('int_avatar_momentum_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

arr as (

    select * from {{ ref('int_avatar_arr_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['leader_paid_days', 'regrowth']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        is_top,
        growth_days,
        growth_since_on
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        false as is_top,
        0 as growth_days,
        cast(null as date) as growth_since_on
    from facts
    where false
    {%- endif %}

),

sided as (

    select
        facts.account_id,
        facts.as_of_on,
        facts.scoring_version,
        coalesce(momentum.is_high, false) as is_disruptor,
        coalesce(arr.is_high and facts.paid_days >= parameters.leader_paid_days, false) as is_leader,
        coalesce(facts.is_fresh and facts.is_customer and facts.growth_bp >= 100 * parameters.regrowth, false)
            as has_growth,
        -- a day on which a source was stale says neither that there is growth nor that there is none
        coalesce(facts.is_customer and not facts.is_fresh, false) as is_untold,
        coalesce(earlier.is_top, false) as earlier_is_top,
        coalesce(earlier.growth_days, 0) as earlier_growth_days,
        earlier.growth_since_on as earlier_growth_since_on
    from facts
    inner join parameters
        on parameters.scoring_version = facts.scoring_version
    left join momentum
        on
            momentum.account_id = facts.account_id
            and momentum.as_of_on = facts.as_of_on
            and momentum.scoring_version = facts.scoring_version
    left join arr
        on
            arr.account_id = facts.account_id
            and arr.as_of_on = facts.as_of_on
            and arr.scoring_version = facts.scoring_version
    left join earlier
        on
            earlier.account_id = facts.account_id
            and earlier.scoring_version = facts.scoring_version

),

followed as (

    select
        *,
        coalesce(
            lag(is_disruptor or is_leader) over (partition by account_id, scoring_version order by as_of_on),
            earlier_is_top
        ) as was_top,
        as_of_on - max(case when not has_growth then as_of_on end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as days_since_none,
        row_number() over (partition by account_id, scoring_version order by as_of_on) as days_so_far,
        count(case when not has_growth and not is_untold then 1 end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as ends_so_far
    from sided

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_disruptor,
    is_leader,
    is_disruptor or is_leader as is_top,
    was_top and not (is_disruptor or is_leader) as has_left_top,
    cast(coalesce(days_since_none, days_so_far + earlier_growth_days) as integer) as growth_days,
    coalesce(
        case when ends_so_far = 0 then earlier_growth_since_on end,
        min(case when has_growth then as_of_on end) over (
            partition by account_id, scoring_version, ends_so_far
            order by as_of_on rows between unbounded preceding and current row
        )
    ) as growth_since_on
from followed
order by as_of_on
