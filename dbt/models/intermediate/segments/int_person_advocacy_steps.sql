-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

-- what a person has shown, as a step function: constant between what the person says or does and the day on which
-- that ceases to count; one row per person and interval with any evidence
with events as (

    select * from {{ ref('int_advocacy_events') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['grievance_days', 'act_days', 'answer_days', 'carried_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

),

-- the days on which an event begins to count, and ceases to
ends as (

    select
        events.*,
        {{ number_series('0', '3') }} as end_number
    from events

),

bounds as (

    select
        ends.account_id,
        ends.user_id,
        ends.person_key,
        ends.scoring_version,
        ends.event_on + case
            when ends.end_number = 0 then 0
            when ends.event = 'advocacy' then parameters.act_days
            when ends.event = 'grievance' or ends.end_number = 1 then parameters.grievance_days
            when ends.end_number = 2 then parameters.answer_days
            else parameters.answer_days + parameters.carried_days
        end as bound_on,
        case when ends.end_number = 0 then ends.event end as event,
        ends.kind,
        ends.score,
        ends.voice_class,
        ends.is_explained,
        ends.is_prompted
    from ends
    inner join parameters
        on parameters.scoring_version = ends.scoring_version
    where
        ends.end_number = 0
        or case ends.event when 'answer' then ends.end_number > 1 or ends.is_explained else ends.end_number = 1 end

),

bounds_of_the_day as (

    select
        account_id,
        user_id,
        person_key,
        scoring_version,
        bound_on,
        max(case when event = 'answer' then bound_on end) as answered_on,
        max(case when event = 'answer' then score end) as score,
        max(case when event = 'answer' then voice_class end) as voice_class,
        bool_or(case when event = 'answer' then is_explained end) as is_explained,
        max(case when event = 'answer' and voice_class <> 'detractor' then bound_on end) as pleased_on,
        max(case when event = 'grievance' then bound_on end) as grieved_on,
        max(case when event = 'grievance' then kind end) as grievance,
        max(case when event = 'advocacy' then bound_on end) as acted_on,
        max(case when event = 'advocacy' then kind end) as act,
        max(case when event = 'advocacy' and not is_prompted then bound_on end) as unprompted_on,
        max(case when event = 'advocacy' and not is_prompted then kind end) as unprompted_act
    from bounds
    group by
        account_id,
        user_id,
        person_key,
        scoring_version,
        bound_on

),

latest as (

    select
        account_id,
        user_id,
        person_key,
        scoring_version,
        bound_on as valid_from,
        lead(bound_on) over (partition by person_key, scoring_version order by bound_on) as valid_to
        {%- for fact in [
            'answered_on', 'score', 'voice_class', 'is_explained', 'pleased_on', 'grieved_on', 'grievance', 'acted_on',
            'act', 'unprompted_on', 'unprompted_act'
        ] %},
        last_value({{ fact }} ignore nulls) over so_far as {{ fact }}
        {%- endfor %}
    from bounds_of_the_day
    window so_far as (
        partition by person_key, scoring_version order by bound_on rows between unbounded preceding and current row
    )

),

judged as (

    select
        latest.*,
        case
            when latest.answered_on + parameters.answer_days + parameters.carried_days > latest.valid_from
                then latest.voice_class
        end as heard_class,
        case when latest.answered_on + parameters.answer_days > latest.valid_from then latest.voice_class end
            as fresh_class,
        -- on one day with an answer of 7 or more, the complaint counts
        coalesce(
            latest.grieved_on + parameters.grievance_days > latest.valid_from
            and (latest.pleased_on is null or latest.grieved_on >= latest.pleased_on),
            false
        ) as is_grieving,
        coalesce(
            latest.is_explained and latest.answered_on + parameters.grievance_days > latest.valid_from, false
        ) as is_explaining,
        coalesce(latest.acted_on + parameters.act_days > latest.valid_from, false) as has_act,
        coalesce(latest.unprompted_on + parameters.act_days > latest.valid_from, false) as has_unprompted_act
    from latest
    inner join parameters
        on parameters.scoring_version = latest.scoring_version

),

standings as (

    select
        *,
        {{ advocacy_standing('heard_class') }} as standing,
        {{ advocacy_standing('fresh_class') }} as fresh_standing
    from judged

),

followed as (

    select
        *,
        coalesce(
            standing <> lag(standing) over (partition by person_key, scoring_version order by valid_from), true
        ) as is_new
    from standings

),

lasting as (

    select
        *,
        min(case when is_new then valid_from end) over (
            partition by person_key, scoring_version
            order by valid_from rows between 1 following and unbounded following
        ) as stands_until
    from followed

)

select
    account_id,
    user_id,
    person_key,
    scoring_version,
    valid_from,
    valid_to,
    standing,
    -- as far as is known by now
    stands_until,
    -- an act makes a promoter's answer dispensable
    coalesce(standing <> fresh_standing, true)
    and not (standing = 'supporter' and coalesce(fresh_standing, '') = 'helper') as is_carried,
    answered_on,
    score,
    heard_class as voice_class,
    is_grieving,
    grieved_on,
    grievance,
    case when standing = 'advocate' then unprompted_on when has_act then acted_on end as acted_on,
    case when standing = 'advocate' then unprompted_act when has_act then act end as act
from lasting
where standing is not null
