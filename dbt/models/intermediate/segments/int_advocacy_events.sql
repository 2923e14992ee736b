{{ config(materialized='view') }}

-- what people said of us and did for or against us; what has no effect on any day that is recomputed is left out
with answers as (

    select * from {{ ref('int_nps_answers') }}
    where is_relationship

),

touchpoints as (

    select * from {{ ref('stg_crm__touchpoints') }}

),

acts as (

    select * from {{ ref('advocacy_acts') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['grievance_days', 'act_days', 'answer_days', 'carried_days', 'comment_words_n']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

)

-- of several answers of one day the last one
select
    answers.account_id,
    answers.user_id,
    answers.person_key,
    parameters.scoring_version,
    'answer' as event,
    cast(null as varchar) as kind,
    answers.answered_on as event_on,
    answers.score,
    answers.voice_class,
    answers.voice_class = 'detractor'
    and {{ word_count('answers.comment') }} >= parameters.comment_words_n as is_explained,
    cast(null as boolean) as is_prompted
from answers
cross join parameters
where
    answers.next_answered_on is distinct from answers.answered_on
    and answers.answered_on
    + greatest(parameters.answer_days + parameters.carried_days, parameters.grievance_days)
    > {{ recompute_from('scores') }}
union all
select
    touchpoints.account_id,
    touchpoints.user_id,
    concat_ws('|', touchpoints.account_id, coalesce(touchpoints.user_id, '~~' || touchpoints.touchpoint_id))
        as person_key,
    parameters.scoring_version,
    acts.act as event,
    touchpoints.kind,
    touchpoints.occurred_on as event_on,
    cast(null as integer) as score,
    cast(null as varchar) as voice_class,
    cast(null as boolean) as is_explained,
    coalesce(touchpoints.is_prompted, true) as is_prompted
from touchpoints
inner join acts
    on
        acts.kind = touchpoints.kind
        and coalesce(touchpoints.sentiment, 0) between acts.lowest_sentiment and acts.highest_sentiment
cross join parameters
where
    touchpoints.occurred_on
    + case acts.act when 'grievance' then parameters.grievance_days else parameters.act_days end
    > {{ recompute_from('scores') }}
