-- how many discovery questions have an answer young enough, as a step function; whoever answered, and a rating is one
with answers as (

    select distinct
        account_id,
        question,
        answered_on
    from {{ ref('stg_crm__answers') }}
    where rating is not null or trim(coalesce(answer, '')) <> ''

),

questions as (

    select * from {{ ref('discovery_questions') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['answer_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'fit'
    group by scoring_version

),

followed as (

    select
        answers.account_id,
        answers.answered_on,
        lead(answers.answered_on) over (
            partition by answers.account_id, answers.question order by answers.answered_on
        ) as next_answered_on
    from answers
    inner join questions
        on questions.question = answers.question

),

changes as (

    select
        followed.account_id,
        parameters.scoring_version,
        followed.answered_on as changed_on,
        1 as answered
    from followed
    cross join parameters
    union all
    select
        followed.account_id,
        parameters.scoring_version,
        least({{ open_ended('followed.next_answered_on') }}, followed.answered_on + parameters.answer_days)
            as changed_on,
        -1 as answered
    from followed
    cross join parameters

),

daily as (

    select
        account_id,
        scoring_version,
        changed_on,
        sum(answered) as answered
    from changes
    group by
        account_id,
        scoring_version,
        changed_on

)

select
    account_id,
    scoring_version,
    changed_on as valid_from,
    lead(changed_on, 1, cast('9999-12-31' as date)) over by_account as valid_to,
    cast(sum(answered) over so_far as integer) as answered_questions
from daily
window
    by_account as (partition by account_id, scoring_version order by changed_on),
    so_far as (
        partition by account_id, scoring_version order by changed_on
        rows between unbounded preceding and current row
    )
