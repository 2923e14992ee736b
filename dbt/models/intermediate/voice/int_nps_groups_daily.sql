{{ config(materialized='view') }}

-- the frame of rolling NPS: every day, window and group, whether anybody answered or not
with days as (

    select * from {{ ref('int_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

current_version as (

    select * from {{ ref('scoring_versions') }}
    where status = 'current'

),

windows as (

    select
        scoring_version,
        cast(value as integer) as window_days
    from {{ ref('voice_parameters') }}
    where parameter like 'nps_window_%'

),

segment_groups as (

    select names.segment_group
    from (
        values ('all'), ('decision_maker'), ('influencer'), ('user'), ('unknown')
    ) as names (segment_group)

)

select
    days.as_of_on,
    windows.window_days,
    segment_groups.segment_group
from days
cross join current_version
inner join windows
    on windows.scoring_version = current_version.scoring_version
cross join segment_groups
