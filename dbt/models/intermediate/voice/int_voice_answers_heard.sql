{{ config(materialized='view') }}

-- each person's newest relationship answer inside the voice window, with the role held on that day
with voice_days as (

    select * from {{ ref('int_voice_days') }}

),

answers as (

    select * from {{ ref('int_nps_answers') }}
    where is_relationship

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

moments as (

    select distinct
        account_id,
        heard_on,
        voice_window_days
    from voice_days

)

select
    moments.account_id,
    moments.heard_on,
    answers.person_key,
    answers.score,
    answers.voice_class,
    answers.answered_on,
    person_roles.role_rank,
    row_number() over (
        partition by moments.account_id, moments.heard_on, person_roles.role_rank
        order by answers.answered_on desc, answers.score asc, answers.response_id asc
    ) as newer_in_role
from moments
inner join answers
    on
        answers.account_id = moments.account_id
        and answers.answered_on <= moments.heard_on
        and answers.answered_on > moments.heard_on - moments.voice_window_days
        and {{ open_ended('answers.next_answered_on') }} > moments.heard_on
left join person_roles
    on
        person_roles.account_id = answers.account_id
        and person_roles.user_id = answers.user_id
        and person_roles.valid_from <= moments.heard_on
        and person_roles.valid_to > moments.heard_on
