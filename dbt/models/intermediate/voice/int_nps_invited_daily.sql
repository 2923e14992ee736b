{{ config(materialized='view') }}

-- how many invitations lie in the window and how many of those are answered by the day:
-- each invitation is a step up on its day and down when it leaves the window, so the cost is that of the invitations
with frame as (

    select * from {{ ref('int_nps_groups_daily') }}

),

invitations as (

    select * from {{ ref('int_nps_invitations') }}

),

windows as (

    select distinct
        window_days,
        segment_group
    from frame

),

in_window as (

    select
        windows.window_days,
        windows.segment_group,
        invitations.sent_on,
        invitations.sent_on + windows.window_days as leaves_on,
        case
            when invitations.answered_on < invitations.sent_on + windows.window_days then invitations.answered_on
        end as answered_on
    from invitations
    inner join windows
        on windows.segment_group = 'all' or windows.segment_group = invitations.buying_role

),

steps as (

    select
        window_days,
        segment_group,
        sent_on as step_on,
        1 as invited,
        0 as responded
    from in_window
    union all
    select
        window_days,
        segment_group,
        leaves_on as step_on,
        -1 as invited,
        0 as responded
    from in_window
    union all
    select
        window_days,
        segment_group,
        answered_on as step_on,
        0 as invited,
        1 as responded
    from in_window
    where answered_on is not null
    union all
    select
        window_days,
        segment_group,
        leaves_on as step_on,
        0 as invited,
        -1 as responded
    from in_window
    where answered_on is not null

),

steps_of_the_day as (

    select
        window_days,
        segment_group,
        greatest(step_on, {{ recompute_from('scores') }}) as step_on,
        cast(sum(invited) as bigint) as invited,
        cast(sum(responded) as bigint) as responded
    from steps
    group by
        window_days,
        segment_group,
        greatest(step_on, {{ recompute_from('scores') }})

)

select
    frame.as_of_on,
    frame.window_days,
    frame.segment_group,
    cast(sum(coalesce(steps_of_the_day.invited, 0)) over (
        partition by frame.window_days, frame.segment_group
        order by frame.as_of_on rows between unbounded preceding and current row
    ) as bigint) as invited,
    cast(sum(coalesce(steps_of_the_day.responded, 0)) over (
        partition by frame.window_days, frame.segment_group
        order by frame.as_of_on rows between unbounded preceding and current row
    ) as bigint) as responded
from frame
left join steps_of_the_day
    on
        steps_of_the_day.step_on = frame.as_of_on
        and steps_of_the_day.window_days = frame.window_days
        and steps_of_the_day.segment_group = frame.segment_group
