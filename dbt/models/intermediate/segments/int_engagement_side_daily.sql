{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as engaged, by decisive days of its engagement; it holds while usage is stale
with engagement as (

    select * from {{ ref('int_engagement_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

measured as (

    select
        engagement.account_id,
        engagement.as_of_on,
        engagement.scoring_version,
        cast(engagement.engagement_bp / 1e2 as decimal(18, 6)) as quantity,
        not days.is_usage_stale as is_fresh,
        false as is_forced_high,
        borders.enter_at,
        borders.exit_at,
        borders.decisive_days
    from engagement
    inner join days
        on days.as_of_on = engagement.as_of_on and days.scoring_version = engagement.scoring_version
    inner join {{ ref('segment_borders') }} as borders
        on
            borders.scoring_version = engagement.scoring_version
            and borders.axis = 'advocacy'
            and borders.border = 'engagement'

),

{{ border_sides() }}

select * from sided
order by as_of_on
