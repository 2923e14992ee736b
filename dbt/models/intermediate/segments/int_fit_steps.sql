-- whether a customer can succeed with us, as a step function: constant between a rating and the next, or its end
with ratings as (

    select * from {{ ref('int_fit_ratings') }}

),

pillars as (

    select cast(count(*) as integer) as pillars from {{ ref('discovery_questions') }}
    where coalesce(pillar, '') <> ''

),

bounds as (

    select
        account_id,
        scoring_version,
        valid_from as bound_on
    from ratings
    union
    select
        account_id,
        scoring_version,
        valid_to as bound_on
    from ratings

),

spans as (

    select
        account_id,
        scoring_version,
        bound_on as valid_from,
        lead(bound_on) over (partition by account_id, scoring_version order by bound_on) as valid_to
    from bounds

),

rated as (

    select
        spans.account_id,
        spans.scoring_version,
        spans.valid_from,
        spans.valid_to,
        cast(count(*) as integer) as rated_pillars,
        {{ sorted_texts('case when not ratings.is_positive then ratings.pillar end') }} as failed_pillars,
        min(ratings.valid_from) as oldest_rating_on
    from spans
    inner join ratings
        on
            ratings.account_id = spans.account_id
            and ratings.scoring_version = spans.scoring_version
            and ratings.valid_from <= spans.valid_from
            and ratings.valid_to > spans.valid_from
    group by
        spans.account_id,
        spans.scoring_version,
        spans.valid_from,
        spans.valid_to

)

select
    rated.*,
    case
        when rated.failed_pillars is not null then 'not_a_fit'
        when rated.rated_pillars = pillars.pillars then 'right_fit'
        else 'unassessed'
    end as fit_class
from rated
cross join pillars
