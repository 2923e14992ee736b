{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what kind of customer an account is: the raw class from the day's figures, the stable one from sides and watch
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

facts as (

    select * from {{ ref('int_avatar_facts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

standing as (

    select * from {{ ref('int_avatar_standing_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

watch as (

    select * from {{ ref('int_avatar_watch_daily') }}
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

growth as (

    select * from {{ ref('int_avatar_growth_side_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

score_references as (

    select * from {{ ref('int_avatar_references') }}

),

borders as (

    select
        scoring_version,
        max(case when border = 'momentum' then 1000000 * enter_at end) as momentum_enter_at,
        max(case when border = 'entrant_growth' then 100 * enter_at end) as growth_enter_at
    from {{ ref('segment_borders') }}
    where axis = 'avatar'
    group by scoring_version

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['leader_paid_days', 'plateau_growth', 'declining_growth']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

judged as (

    select
        account_days.account_id,
        account_days.as_of_on,
        parameters.scoring_version,
        parameters.plateau_growth,
        parameters.declining_growth,
        score_references.is_calibrated,
        score_references.uncalibrated_because,
        coalesce(billing.billing_status, 'none') as billing_status,
        billing.first_paid_on,
        coalesce(facts.is_fresh, true) as is_fresh,
        coalesce(facts.is_customer, false) as is_customer,
        coalesce(facts.is_renewal_pending, false) as is_renewal_pending,
        facts.paid_days,
        facts.arr,
        facts.mrr_growth_365d_micro,
        facts.momentum_micro,
        facts.momentum_source,
        facts.growth_bp,
        standing.is_disruptor,
        standing.is_leader,
        standing.growth_days,
        watch.is_on_watch,
        watch.watch_ends_on,
        momentum.pending_days as momentum_pending_days,
        case when facts.paid_days >= parameters.leader_paid_days then arr.pending_days end as arr_pending_days,
        case when watch.is_on_watch and not facts.is_young then growth.pending_days end as growth_pending_days,
        watch.is_on_watch and (facts.is_young or coalesce(growth.is_high, true)) as is_entrant,
        facts.momentum_micro >= borders.momentum_enter_at
        and not facts.is_mrr_falling
        and facts.mrr >= score_references.mrr_median as is_raw_disruptor,
        facts.arr >= score_references.arr_enter_at
        and facts.paid_days >= parameters.leader_paid_days as is_raw_leader,
        watch.is_on_watch
        and (facts.is_young or coalesce(facts.growth_bp >= borders.growth_enter_at, true)) as is_raw_entrant
    from account_days
    cross join parameters
    inner join borders
        on borders.scoring_version = parameters.scoring_version
    inner join score_references
        on score_references.scoring_version = parameters.scoring_version
    left join billing
        on billing.account_id = account_days.account_id and billing.as_of_on = account_days.as_of_on
    {%- for name in ['facts', 'standing', 'watch', 'momentum', 'arr', 'growth'] %}
    left join {{ name }}
        on
            {{ name }}.account_id = account_days.account_id
            and {{ name }}.as_of_on = account_days.as_of_on
            and {{ name }}.scoring_version = parameters.scoring_version
    {%- endfor %}

),

chosen as (

    select
        *,
        {{ avatar_class('(is_customer and is_calibrated)', 'is_raw_disruptor', 'is_raw_leader', 'is_raw_entrant') }}
            as raw_class,
        {{ avatar_class('(is_customer and is_calibrated)', 'is_disruptor', 'is_leader', 'is_entrant') }} as stable_class
    from judged

),

{{ class_since() }}

select
    account_id,
    as_of_on,
    scoring_version,
    raw_class,
    stable_class,
    since_on,
    cast(
        case
            when stable_class is null then 0
            when stable_class = 'disruptor' then coalesce(momentum_pending_days, 0)
            when stable_class = 'leader'
                then greatest(coalesce(momentum_pending_days, 0), coalesce(arr_pending_days, 0))
            else
                greatest(
                    coalesce(momentum_pending_days, 0), coalesce(arr_pending_days, 0), coalesce(growth_pending_days, 0)
                )
        end as integer
    ) as pending_days,
    case
        when stable_class is null then 'unknown'
        when is_renewal_pending then 'renewal_pending'
        when not is_fresh then 'held_stale'
        else 'fresh'
    end as status,
    case
        when stable_class is not null then null
        when is_customer then uncalibrated_because
        else
            concat(
                'no paying customer at present: ',
                case
                    when first_paid_on is null and billing_status = 'trialing' then 'trial'
                    when first_paid_on is null then 'free'
                    when billing_status in ('paused', 'unpaid') then billing_status
                    when billing_status = 'trialing' then 'trial'
                    else 'churned'
                end
            )
    end as unknown_because,
    momentum_micro,
    momentum_source,
    case
        when stable_class = 'leader'
            then mrr_growth_365d_micro between 1e6 * declining_growth and 1e6 * plateau_growth
    end as is_at_plateau,
    case when stable_class = 'leader' then mrr_growth_365d_micro < 1e6 * declining_growth end as is_declining,
    case when stable_class is not null then is_on_watch end as is_on_watch,
    case when stable_class is not null then watch_ends_on end as watch_ends_on,
    paid_days,
    mrr_growth_365d_micro,
    growth_bp,
    growth_days
from dated
order by as_of_on
