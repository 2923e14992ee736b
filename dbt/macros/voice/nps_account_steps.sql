{# CTEs that end in running (window_days, segment_group, account_id, step_on, next_step_on, n, promoters, detractors):
   how many people's answers count, from one change to the next. From CTEs answers, person_roles and windows. #}
{% macro nps_account_steps() %}
-- from the day of an answer until the person's next one or until it leaves the window
spans as (

    select
        windows.window_days,
        answers.account_id,
        answers.user_id,
        greatest(answers.answered_on, {{ recompute_from('scores') }}) as from_on,
        least({{ open_ended('answers.next_counted_on') }}, answers.answered_on + windows.window_days) as to_on,
        case when answers.voice_class = 'promoter' then 1 else 0 end as promoters,
        case when answers.voice_class = 'detractor' then 1 else 0 end as detractors
    from answers
    cross join windows
    where
        answers.answered_on <= {{ as_of() }}
        and answers.answered_on + windows.window_days > {{ recompute_from('scores') }}
        and {{ open_ended('answers.next_counted_on') }} > {{ recompute_from('scores') }}

),

role_spans as (

    select
        spans.window_days,
        spans.account_id,
        person_roles.buying_role,
        greatest(spans.from_on, person_roles.valid_from) as from_on,
        least(spans.to_on, person_roles.valid_to) as to_on,
        spans.promoters,
        spans.detractors
    from spans
    inner join person_roles
        on
            person_roles.account_id = spans.account_id
            and person_roles.user_id = spans.user_id
            and person_roles.valid_from < spans.to_on
            and person_roles.valid_to > spans.from_on

),

-- of unknown role is who answered, less who holds a role
grouped_spans as (

    select
        window_days,
        account_id,
        'all' as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from spans
    union all
    select
        window_days,
        account_id,
        'unknown' as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from spans
    union all
    select
        window_days,
        account_id,
        'unknown' as segment_group,
        from_on,
        to_on,
        -promoters as promoters,
        -detractors as detractors,
        -1 as people
    from role_spans
    union all
    select
        window_days,
        account_id,
        buying_role as segment_group,
        from_on,
        to_on,
        promoters,
        detractors,
        1 as people
    from role_spans

),

steps as (

    select
        window_days,
        segment_group,
        account_id,
        from_on as step_on,
        people,
        promoters,
        detractors
    from grouped_spans
    union all
    select
        window_days,
        segment_group,
        account_id,
        to_on as step_on,
        -people as people,
        -promoters as promoters,
        -detractors as detractors
    from grouped_spans

),

steps_of_the_day as (

    select
        window_days,
        segment_group,
        account_id,
        step_on,
        sum(people) as people,
        sum(promoters) as promoters,
        sum(detractors) as detractors
    from steps
    group by
        window_days,
        segment_group,
        account_id,
        step_on

),

running as (

    select
        window_days,
        segment_group,
        account_id,
        step_on,
        lead(step_on) over by_day as next_step_on,
        sum(people) over so_far as n,
        sum(promoters) over so_far as promoters,
        sum(detractors) over so_far as detractors
    from steps_of_the_day
    window
        by_day as (partition by window_days, segment_group, account_id order by step_on),
        so_far as (
            partition by window_days, segment_group, account_id
            order by step_on rows between unbounded preceding and current row
        )

)
{%- endmacro %}
