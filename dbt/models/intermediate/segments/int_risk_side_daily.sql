{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as at risk, by decisive days of its risk; a floor that alone reaches the line does not wait
with health as (

    select * from {{ ref('health_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

measured as (

    select
        health.account_id,
        health.as_of_on,
        health.scoring_version,
        cast(health.risk_bp / 1e2 as decimal(18, 6)) as quantity,
        {{ is_told('health') }} as is_fresh,
        coalesce(health.floor_bp / 1e2 >= borders.enter_at, false) as is_forced_high,
        borders.enter_at,
        borders.exit_at,
        borders.decisive_days
    from health
    inner join {{ ref('segment_borders') }} as borders
        on borders.scoring_version = health.scoring_version and borders.border = 'risk'

),

{{ border_sides(is_forgetting=true) }}

select * from sided
order by as_of_on
