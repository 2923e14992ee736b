-- the points told of a change sum to the change of the score between its two days, exactly
with sums as (

    select
        account_id,
        as_of_on,
        scoring_version,
        compared_on,
        axis,
        predicate,
        score,
        sum(change_bp) as change_bp
    from {{ ref('int_segment_change_points') }}
    where as_of_on >= {{ recompute_from('scores') }}
    group by
        account_id,
        as_of_on,
        scoring_version,
        compared_on,
        axis,
        predicate,
        score

),

scores as (

    select
        account_id,
        as_of_on,
        scoring_version,
        'risk' as score,
        risk_bp as score_bp
    from {{ ref('health_daily') }}
    where as_of_on >= {{ first_compared_on() }}
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        'growth' as score,
        growth_bp as score_bp
    from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ first_compared_on() }}

)

select
    sums.account_id,
    sums.as_of_on,
    sums.axis,
    sums.predicate
from sums
inner join scores
    on
        scores.account_id = sums.account_id
        and scores.scoring_version = sums.scoring_version
        and scores.score = sums.score
        and scores.as_of_on = sums.as_of_on
inner join scores as scores_before
    on
        scores_before.account_id = sums.account_id
        and scores_before.scoring_version = sums.scoring_version
        and scores_before.score = sums.score
        and scores_before.as_of_on = sums.compared_on
where sums.change_bp is distinct from scores.score_bp - scores_before.score_bp
