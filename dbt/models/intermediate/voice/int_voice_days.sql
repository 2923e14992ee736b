{{ config(materialized='view') }}

-- the day whose answers an account's voice rests on: the day itself while an answer is fresh;
-- after that the last day on which one was, so that silence leaves the voice as it was heard
with answers as (

    select * from {{ ref('int_nps_answers') }}
    where is_relationship

),

days as (

    select * from {{ ref('int_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

current_version as (

    select * from {{ ref('scoring_versions') }}
    where status = 'current'

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['voice_window_days', 'detractor_fresh_days', 'promoter_from', 'passive_from']) }}
    from {{ ref('voice_parameters') }}
    group by scoring_version

),

answer_days as (

    select distinct
        account_id,
        answered_on
    from answers

),

last_answers as (

    select
        account_id,
        answered_on,
        lead(answered_on) over (partition by account_id order by answered_on) as next_answered_on
    from answer_days

)

select
    last_answers.account_id,
    days.as_of_on,
    parameters.voice_window_days,
    parameters.detractor_fresh_days,
    parameters.promoter_from,
    parameters.passive_from,
    least(days.as_of_on, last_answers.answered_on + parameters.voice_window_days - 1) as heard_on
from last_answers
inner join days
    on
        days.as_of_on >= last_answers.answered_on
        and (last_answers.next_answered_on is null or days.as_of_on < last_answers.next_answered_on)
cross join current_version
inner join parameters
    on parameters.scoring_version = current_version.scoring_version
