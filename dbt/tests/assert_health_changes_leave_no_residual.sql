-- the lines of a change sum to the change of health and of risk, exactly; on the days that this run has built:
-- the others were judged when they were
with sums as (

    select
        account_id,
        as_of_on,
        scoring_version,
        sum(points_bp) as points_bp,
        sum(health_change_bp) as health_change_bp,
        sum(risk_change_bp) as risk_change_bp
    from {{ ref('score_points') }}
    where as_of_on >= {{ recompute_from('scores') }}
    group by
        account_id,
        as_of_on,
        scoring_version

),

-- used twice, so it is kept in memory: no more columns than the comparison needs
health as (

    select
        account_id,
        as_of_on,
        scoring_version,
        health_bp,
        risk_bp
    from {{ ref('health_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - 1

)

select
    sums.account_id,
    sums.as_of_on,
    sums.scoring_version
from sums
inner join health
    on
        health.account_id = sums.account_id
        and health.as_of_on = sums.as_of_on
        and health.scoring_version = sums.scoring_version
left join health as health_before
    on
        health_before.account_id = sums.account_id
        and health_before.as_of_on = sums.as_of_on - 1
        and health_before.scoring_version = sums.scoring_version
where
    coalesce(sums.points_bp, 0) <> coalesce(health.health_bp, 0)
    or sums.health_change_bp is distinct from health.health_bp - health_before.health_bp
    or sums.risk_change_bp is distinct from health.risk_bp - health_before.risk_bp
