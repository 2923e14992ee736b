{{ config(materialized='view') }}

-- accounts of which somebody recommends us unasked, and has given no fresh answer below a promoter's since
with days as (

    select * from {{ ref('int_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

acts as (

    select
        touchpoints.account_id,
        touchpoints.user_id,
        touchpoints.occurred_on
    from {{ ref('stg_crm__touchpoints') }} as touchpoints
    inner join {{ ref('advocacy_acts') }} as advocacy_acts
        on
            advocacy_acts.kind = touchpoints.kind
            and advocacy_acts.act = 'advocacy'
            and coalesce(touchpoints.sentiment, 0)
            between advocacy_acts.lowest_sentiment and advocacy_acts.highest_sentiment
    where not touchpoints.is_prompted

),

answers as (

    select * from {{ ref('int_nps_answers') }}
    where is_relationship

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

growth_parameters as (

    select
        scoring_version,
        {{ parameter_columns(['advocacy_days']) }}
    from {{ ref('growth_parameters') }}
    group by scoring_version

),

voice_parameters as (

    select
        scoring_version,
        {{ parameter_columns(['voice_window_days']) }}
    from {{ ref('voice_parameters') }}
    group by scoring_version

)

select
    acts.account_id,
    days.as_of_on,
    growth_parameters.scoring_version,
    coalesce(max(case when person_roles.role_rank <= 2 then 1 end) = 1, false) as has_key_advocate,
    coalesce(max(case when person_roles.role_rank is null then 1 end) = 1, false) as has_roleless_advocate
from acts
cross join growth_parameters
inner join voice_parameters
    on voice_parameters.scoring_version = growth_parameters.scoring_version
inner join days
    on days.as_of_on >= acts.occurred_on and days.as_of_on < acts.occurred_on + growth_parameters.advocacy_days
left join answers
    on
        answers.account_id = acts.account_id
        and answers.user_id = acts.user_id
        and answers.answered_on <= days.as_of_on
        and answers.answered_on > days.as_of_on - voice_parameters.voice_window_days
        and {{ open_ended('answers.next_answered_on') }} > days.as_of_on
left join person_roles
    on
        person_roles.account_id = acts.account_id
        and person_roles.user_id = acts.user_id
        and person_roles.valid_from <= days.as_of_on
        and person_roles.valid_to > days.as_of_on
where answers.voice_class is null or answers.voice_class = 'promoter'
group by
    acts.account_id,
    days.as_of_on,
    growth_parameters.scoring_version
