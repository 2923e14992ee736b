{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what turned at a change as one text, and whose doing it was
with predicates as (

    select * from {{ ref('int_segment_change_predicates') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

points as (

    select
        account_id,
        as_of_on,
        scoring_version,
        axis,
        predicate,
        rank,
        cause,
        change_bp as change,
        concat(
            line, case when change_bp > 0 then ' +' else ' ' end, cast({{ hundredths('change_bp / 1e2') }} as varchar)
        ) as told
    from {{ ref('int_segment_change_points') }}
    where as_of_on >= {{ recompute_from('scores') }}
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        axis,
        predicate,
        rank,
        cause,
        change,
        told
    from {{ ref('int_segment_change_returns') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

points_told as (

    select
        account_id,
        as_of_on,
        scoring_version,
        axis,
        predicate,
        {{ ordered_texts('told', '100 * -abs(change) + rank', ', ') }} as told
    from points
    where change <> 0
    group by
        account_id,
        as_of_on,
        scoring_version,
        axis,
        predicate

),

-- a score has turned through whoever moved it most in that direction
causes_of_points as (

    select
        points.account_id,
        points.as_of_on,
        points.scoring_version,
        points.axis,
        points.predicate,
        points.cause,
        row_number() over (
            partition by points.account_id, points.as_of_on, points.scoring_version, points.axis, points.predicate
            order by sum(case when predicates.holds then points.change else -points.change end) desc, points.cause
        ) as larger_causes
    from points
    inner join predicates
        on
            predicates.account_id = points.account_id
            and predicates.as_of_on = points.as_of_on
            and predicates.scoring_version = points.scoring_version
            and predicates.axis = points.axis
            and predicates.predicate = points.predicate
    group by
        points.account_id,
        points.as_of_on,
        points.scoring_version,
        points.axis,
        points.predicate,
        points.cause

),

explained as (

    select
        predicates.account_id,
        predicates.as_of_on,
        predicates.scoring_version,
        predicates.axis,
        predicates.rank,
        coalesce(causes_of_points.cause, predicates.cause) as cause,
        concat(predicates.driver, coalesce(' = ' || points_told.told, '')) as driver
    from predicates
    left join points_told
        on
            points_told.account_id = predicates.account_id
            and points_told.as_of_on = predicates.as_of_on
            and points_told.scoring_version = predicates.scoring_version
            and points_told.axis = predicates.axis
            and points_told.predicate = predicates.predicate
    left join causes_of_points
        on
            causes_of_points.account_id = predicates.account_id
            and causes_of_points.as_of_on = predicates.as_of_on
            and causes_of_points.scoring_version = predicates.scoring_version
            and causes_of_points.axis = predicates.axis
            and causes_of_points.predicate = predicates.predicate
            and causes_of_points.larger_causes = 1

),

told as (

    select
        account_id,
        as_of_on,
        scoring_version,
        axis,
        {{ ordered_texts('driver', 'rank', '; ') }} as drivers,
        min_by(cause, rank) as cause
    from explained
    group by
        account_id,
        as_of_on,
        scoring_version,
        axis

)

select * from told
order by as_of_on
