{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as fast, by decisive days of its momentum; a day on which its MRR is under the median or
-- under that of 180 days ago speaks against it, and so does churn; while it merely does not pay nothing is decided
with facts as (

    select * from {{ ref('int_avatar_facts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

score_references as (

    select * from {{ ref('int_avatar_references') }}

),

borders as (

    select
        scoring_version,
        cast(1000000 * enter_at as bigint) as enter_at,
        cast(1000000 * exit_at as bigint) as exit_at,
        decisive_days
    from {{ ref('segment_borders') }}
    where axis = 'avatar' and border = 'momentum'

),

measured as (

    select
        facts.account_id,
        facts.as_of_on,
        facts.scoring_version,
        case
            when not score_references.is_calibrated then null
            when
                facts.is_churned
                or (facts.is_customer and (facts.is_mrr_falling or facts.mrr < score_references.mrr_median))
                then least(coalesce(facts.momentum_micro, borders.exit_at), borders.exit_at)
            when facts.is_customer then facts.momentum_micro
        end as quantity,
        facts.is_fresh,
        facts.is_churned,
        false as is_forced_high,
        borders.enter_at,
        borders.exit_at,
        borders.decisive_days
    from facts
    inner join borders
        on borders.scoring_version = facts.scoring_version
    inner join score_references
        on score_references.scoring_version = facts.scoring_version

),

{{ border_sides(released_when='is_churned') }}

select * from sided
order by as_of_on
