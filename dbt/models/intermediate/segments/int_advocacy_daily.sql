-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}
{%- set classes = (advocacy_classes().values() | first).keys() | list %}

-- what the people who decide say of us and do for us, as the account's class; what is stated does not wait
with situations as (

    select * from {{ ref('int_advocacy_situations_daily') }}

),

steps as (

    select * from {{ ref('int_advocacy_steps') }}

),

-- the interval that a day lies in, whatever the situation of the account
step_days as (

    select
        account_id,
        scoring_version,
        valid_from,
        {{ day_series('valid_from', 'least(valid_to - 1, ' ~ as_of() ~ ')') }} as as_of_on
    from (
        select distinct
            account_id,
            scoring_version,
            valid_from,
            valid_to
        from steps
    ) as intervals

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

engagement as (

    select * from {{ ref('int_engagement_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('engagement') + look_back_days('carry') }}

),

silence as (

    select * from {{ ref('int_silence_daily') }}

),

inputs as (

    select
        as_of_on,
        coalesce(bool_or(table_name = 'nps.responses' and is_connected), false) as has_answers,
        coalesce(bool_or(table_name = 'crm.touchpoints' and is_connected), false) as has_touchpoints,
        coalesce(bool_or(table_name = 'nps.invitations' and is_connected), false) as has_invitations,
        coalesce(bool_or(
            table_name in ('nps.responses', 'crm.touchpoints') and is_connected and is_stale
        ), false) as is_stale
    from {{ ref('int_input_status_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}
    group by as_of_on

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['grievance_days', 'act_days', 'answer_days', 'carried_days', 'turnaround_fall']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

),

-- the class of each day and no more: what goes through the windows over all days must be narrow
chosen as (

    select
        situations.account_id,
        situations.as_of_on,
        situations.scoring_version,
        situations.situation,
        situations.is_paying,
        situations.is_canceled,
        situations.is_renewal_pending,
        situations.engagement_pending_days,
        raw_steps.advocacy_class as raw_class,
        steps.advocacy_class as stable_class,
        step_days.valid_from
    from situations
    left join step_days
        on
            step_days.account_id = situations.account_id
            and step_days.scoring_version = situations.scoring_version
            and step_days.as_of_on = situations.as_of_on
    left join steps
        on
            steps.account_id = step_days.account_id
            and steps.scoring_version = step_days.scoring_version
            and steps.valid_from = step_days.valid_from
            and steps.situation = situations.situation
    left join steps as raw_steps
        on
            raw_steps.account_id = step_days.account_id
            and raw_steps.scoring_version = step_days.scoring_version
            and raw_steps.valid_from = step_days.valid_from
            and raw_steps.situation = situations.raw_situation

),

{{ class_since() }},

-- engagement now, and one of its windows before
turnarounds as (

    select
        dated.account_id,
        dated.as_of_on,
        dated.scoring_version,
        engagement_before.engagement_bp = 0
        or 1000000 * (engagement_before.engagement_bp - engagement.engagement_bp)
        < cast(round(1e6 * parameters.turnaround_fall) as bigint) * engagement_before.engagement_bp
            as is_engagement_kept
    from dated
    inner join parameters
        on parameters.scoring_version = dated.scoring_version
    inner join days
        on days.as_of_on = dated.as_of_on and days.scoring_version = dated.scoring_version
    inner join engagement
        on
            engagement.account_id = dated.account_id
            and engagement.scoring_version = dated.scoring_version
            and engagement.as_of_on = days.usage_on
    inner join engagement as engagement_before
        on
            engagement_before.account_id = dated.account_id
            and engagement_before.scoring_version = dated.scoring_version
            and engagement_before.as_of_on = days.usage_on - {{ look_back_days('engagement') }}
    where dated.stable_class = 'actively_dissatisfied' and dated.is_paying and not dated.is_canceled

)

select
    dated.account_id,
    dated.as_of_on,
    dated.scoring_version,
    dated.raw_class,
    dated.stable_class,
    dated.since_on,
    cast(
        case when dated.raw_class is distinct from dated.stable_class then dated.engagement_pending_days else 0 end
        as integer
    ) as pending_days,
    case
        when dated.stable_class is null then 'unknown'
        when steps.is_carried then 'carried'
        when dated.is_renewal_pending then 'renewal_pending'
        when inputs.is_stale then 'held_stale'
        else 'fresh'
    end as status,
    case
        when dated.stable_class is not null then null
        when not inputs.has_answers and not inputs.has_touchpoints
            then 'neither nps.responses nor crm.touchpoints is connected'
        when dated.valid_from is not null then 'an act of advocacy, but no answer, and the MRR is not kept'
        else
            concat(
                case
                    when inputs.has_answers
                        then concat('no answer in ', parameters.answer_days + parameters.carried_days, ' days')
                    else 'nps.responses is not connected'
                end,
                case
                    when inputs.has_touchpoints
                        then
                            concat(
                                case when inputs.has_answers then ', ' else '; in crm.touchpoints ' end,
                                'no complaint in ', parameters.grievance_days,
                                case when not inputs.has_answers then ' days' end,
                                ', no act of advocacy in ', parameters.act_days
                            )
                    else '; crm.touchpoints is not connected'
                end
            )
    end as unknown_because,
    dated.situation,
    steps.deciding_role,
    coalesce(steps.n, 0) as n
    {%- for class in classes %},
    coalesce(steps.n_{{ class }}, 0) as n_{{ class }}
    {%- endfor %},
    coalesce(steps.is_conflicting, false) as is_conflicting,
    case
        when not inputs.has_answers or not inputs.has_invitations then null
        when silence.account_id is null then false
        else silence.is_use_down
    end as may_be_dissatisfied,
    case
        when coalesce(dated.stable_class, '') <> 'actively_dissatisfied' then false
        when not dated.is_paying or dated.is_canceled then false
        else turnarounds.is_engagement_kept
    end as turnaround_candidate
from dated
inner join inputs
    on inputs.as_of_on = dated.as_of_on
inner join parameters
    on parameters.scoring_version = dated.scoring_version
left join steps
    on
        steps.account_id = dated.account_id
        and steps.scoring_version = dated.scoring_version
        and steps.valid_from = dated.valid_from
        and steps.situation = dated.situation
left join turnarounds
    on
        turnarounds.account_id = dated.account_id
        and turnarounds.as_of_on = dated.as_of_on
        and turnarounds.scoring_version = dated.scoring_version
left join silence
    on
        silence.account_id = dated.account_id
        and silence.as_of_on = dated.as_of_on
        and silence.scoring_version = dated.scoring_version
order by dated.as_of_on
