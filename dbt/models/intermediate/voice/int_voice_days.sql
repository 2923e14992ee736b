{{ config(materialized='view') }}

-- what an account's people say changes only when somebody answers, an answer grows old, or a role begins or ends:
-- each day hears the last such moment. Once no answer is fresh, the voice stays as it was last heard
with answers as (

    select distinct
        account_id,
        answered_on
    from {{ ref('int_nps_answers') }}
    where is_relationship

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

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
        voice_parameters.scoring_version,
        {{ parameter_columns(['voice_window_days', 'detractor_fresh_days', 'promoter_from', 'passive_from']) }}
    from {{ ref('voice_parameters') }} as voice_parameters
    inner join current_version
        on current_version.scoring_version = voice_parameters.scoring_version
    group by voice_parameters.scoring_version

),

moments as (

    select
        account_id,
        answered_on as moment_on,
        answered_on
    from answers
    union all
    select
        answers.account_id,
        answers.answered_on + parameters.voice_window_days as moment_on,
        null as answered_on
    from answers
    cross join parameters
    union all
    select
        account_id,
        valid_from as moment_on,
        null as answered_on
    from person_roles
    union all
    select
        account_id,
        valid_to as moment_on,
        null as answered_on
    from person_roles

),

moments_of_the_day as (

    select
        account_id,
        moment_on,
        max(answered_on) as answered_on
    from moments
    group by
        account_id,
        moment_on

),

ordered as (

    select
        account_id,
        moment_on,
        lead(moment_on) over (partition by account_id order by moment_on) as next_moment_on,
        max(answered_on) over (
            partition by account_id order by moment_on rows between unbounded preceding and current row
        ) as last_answered_on
    from moments_of_the_day

),

heard as (

    select
        ordered.*,
        parameters.voice_window_days,
        parameters.detractor_fresh_days,
        parameters.promoter_from,
        parameters.passive_from,
        ordered.moment_on < ordered.last_answered_on + parameters.voice_window_days as is_fresh,
        max(
            case
                when ordered.moment_on < ordered.last_answered_on + parameters.voice_window_days then ordered.moment_on
            end
        ) over (
            partition by ordered.account_id
            order by ordered.moment_on rows between unbounded preceding and current row
        ) as heard_on
    from ordered
    cross join parameters
    where ordered.last_answered_on is not null

)

select
    heard.account_id,
    days.as_of_on,
    heard.voice_window_days,
    heard.detractor_fresh_days,
    heard.promoter_from,
    heard.passive_from,
    heard.is_fresh,
    heard.heard_on
from heard
inner join days
    on
        days.as_of_on >= heard.moment_on
        and days.as_of_on < {{ open_ended('heard.next_moment_on') }}
