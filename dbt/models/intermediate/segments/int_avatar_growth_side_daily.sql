{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account has, on watch, the growth potential of an entrant, by decisive days; unknown counts as having it
with facts as (

    select * from {{ ref('int_avatar_facts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

borders as (

    select
        scoring_version,
        cast(100 * enter_at as bigint) as enter_at,
        cast(100 * exit_at as bigint) as exit_at,
        decisive_days
    from {{ ref('segment_borders') }}
    where axis = 'avatar' and border = 'entrant_growth'

),

measured as (

    select
        facts.account_id,
        facts.as_of_on,
        facts.scoring_version,
        case when facts.is_customer then coalesce(facts.growth_bp, borders.enter_at) end as quantity,
        facts.is_fresh,
        false as is_forced_high,
        borders.enter_at,
        borders.exit_at,
        borders.decisive_days
    from facts
    inner join borders
        on borders.scoring_version = facts.scoring_version

),

{{ border_sides() }}

select * from sided
order by as_of_on
