-- transactional answers rate one interaction and are never counted; of a person's relationship answers
-- one within the recount days of a counted one is kept and not counted in NPS
with responses as (

    select * from {{ ref('stg_nps__responses') }}

),

current_version as (

    select * from {{ ref('scoring_versions') }}
    where status = 'current'

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['promoter_from', 'passive_from', 'recount_after_days']) }}
    from {{ ref('voice_parameters') }}
    group by scoring_version

),

answers as (

    select
        responses.response_id,
        responses.account_id,
        responses.user_id,
        responses.survey_id,
        responses.comment,
        responses.responded_at,
        responses._slot,
        responses._row,
        responses.responded_on as answered_on,
        cast(responses.score as integer) as score,
        parameters.recount_after_days,
        concat_ws('|', responses.account_id, coalesce(responses.user_id, '~' || responses.response_id)) as person_key,
        coalesce(responses.survey_kind, 'relationship') = 'relationship' as is_relationship,
        case
            when responses.score >= parameters.promoter_from then 'promoter'
            when responses.score >= parameters.passive_from then 'passive'
            else 'detractor'
        end as voice_class
    from responses
    cross join current_version
    inner join parameters
        on parameters.scoring_version = current_version.scoring_version

),

counted_days as (

    select
        person_key,
        {{ days_spaced_apart('answered_on', 'min(recount_after_days)') }} as days
    from answers
    where is_relationship
    group by person_key

),

ranked as (

    select
        answers.*,
        answers.is_relationship
        and array_contains(counted_days.days, answers.answered_on)
        and row_number() over (
            partition by answers.person_key, answers.is_relationship, answers.answered_on
            order by answers.responded_at asc, answers._slot desc, answers._row desc, answers.response_id asc
        ) = 1 as is_counted
    from answers
    left join counted_days
        on counted_days.person_key = answers.person_key

)

select
    response_id,
    account_id,
    user_id,
    person_key,
    survey_id,
    score,
    comment,
    voice_class,
    is_relationship,
    is_counted,
    answered_on,
    lead(answered_on) over (
        partition by person_key, is_relationship order by responded_at, _slot, _row, response_id
    ) as next_answered_on,
    case
        when is_counted then lead(answered_on) over (partition by person_key, is_counted order by answered_on)
    end as next_counted_on
from ranked
