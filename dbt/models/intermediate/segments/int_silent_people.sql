{{ config(materialized='view') }}

-- people who used to answer and left so many surveys in a row unanswered, from when to when they are silent
with answers as (

    select distinct
        account_id,
        user_id,
        answered_on
    from {{ ref('int_nps_answers') }}
    where is_relationship and user_id is not null

),

-- a reminder of a survey is no further survey
surveys as (

    select
        account_id,
        user_id,
        survey_id,
        min(sent_on) as sent_on
    from {{ ref('int_nps_invitations') }}
    where user_id is not null
    group by
        account_id,
        user_id,
        survey_id

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['silent_surveys_n', 'survey_wait_days', 'silent_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

),

followed as (

    select
        *,
        lead(answered_on, 1, cast('9999-12-31' as date)) over (
            partition by account_id, user_id order by answered_on
        ) as next_answered_on
    from answers

),

-- surveys since the last answer, in the order in which they were sent
unanswered as (

    select
        surveys.account_id,
        surveys.user_id,
        surveys.sent_on,
        followed.next_answered_on,
        row_number() over (
            partition by surveys.account_id, surveys.user_id, followed.answered_on
            order by surveys.sent_on, surveys.survey_id
        ) as survey_number
    from surveys
    inner join followed
        on
            followed.account_id = surveys.account_id
            and followed.user_id = surveys.user_id
            and followed.answered_on < surveys.sent_on
            and followed.next_answered_on > surveys.sent_on

)

select
    unanswered.account_id,
    unanswered.user_id,
    parameters.scoring_version,
    unanswered.sent_on + parameters.survey_wait_days as valid_from,
    least(unanswered.next_answered_on, unanswered.sent_on + parameters.silent_days) as valid_to
from unanswered
cross join parameters
where
    unanswered.survey_number >= parameters.silent_surveys_n
    and least(unanswered.next_answered_on, unanswered.sent_on + parameters.silent_days)
    > greatest(unanswered.sent_on + parameters.survey_wait_days, {{ recompute_from('scores') }})
