{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as one with room to grow, by decisive days of its growth potential
with growth as (

    select * from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

measured as (

    select
        growth.account_id,
        growth.as_of_on,
        growth.scoring_version,
        cast(growth.growth_bp / 1e2 as decimal(18, 6)) as quantity,
        coalesce(
            growth.status in ('fresh', 'unknown', 'uncalibrated') and growth.stale_since_on is null, false
        ) as is_fresh,
        false as is_forced_high,
        borders.enter_at,
        borders.exit_at,
        borders.decisive_days
    from growth
    inner join {{ ref('segment_borders') }} as borders
        on borders.scoring_version = growth.scoring_version and borders.border = 'growth'

),

{{ border_sides(is_forgetting=true) }}

select * from sided
order by as_of_on
