-- how an account rates on a pillar, from an answer until the next one or until it is too old;
-- of several answers of one day the one that was delivered last counts
with answers as (

    select * from {{ ref('stg_crm__answers') }}

),

pillars as (

    select * from {{ ref('discovery_questions') }}
    where coalesce(pillar, '') <> ''

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['pillar_rating', 'rating_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'fit'
    group by scoring_version

),

rated as (

    select
        answers.account_id,
        pillars.pillar,
        answers.rating,
        answers.answered_on,
        row_number() over (
            partition by answers.account_id, pillars.pillar, answers.answered_on
            order by answers._slot desc, answers._row desc, answers._delivery desc
        ) as later_answers
    from answers
    inner join pillars
        on pillars.question = answers.question
    where answers.rating is not null

),

followed as (

    select
        account_id,
        pillar,
        rating,
        answered_on,
        lead(answered_on) over (partition by account_id, pillar order by answered_on) as next_answered_on
    from rated
    where later_answers = 1

)

select
    followed.account_id,
    parameters.scoring_version,
    followed.pillar,
    followed.rating,
    followed.rating >= parameters.pillar_rating as is_positive,
    followed.answered_on as valid_from,
    least({{ open_ended('followed.next_answered_on') }}, followed.answered_on + parameters.rating_days) as valid_to
from followed
cross join parameters
