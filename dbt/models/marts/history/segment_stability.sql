-- how often classes changed in what people were told, how often that was taken back, and how long they waited
with steps as (

    select * from {{ ref('int_published_segment_steps') }}

),

axes as (

    select * from {{ ref('segment_axes') }}

),

versions as (

    select * from {{ ref('scoring_versions') }}

),

parameters as (

    select cast(max(case when parameter = 'undone_days' then value end) as integer) as undone_days
    from {{ ref('segment_history_parameters') }}

),

published as (

    select
        min(as_of_on) as first_published_on,
        max(as_of_on) as last_published_on,
        cast(count(distinct as_of_on) as integer) as published_days
    from {{ source('published', 'publications') }}

),

-- since when the raw class has been what it is, on every day of a step
followed as (

    select
        *,
        max(
            case when is_first or coalesce(raw_class, '') <> coalesce(earlier_raw_class, '') then as_of_on end
        ) over (
            partition by account_id, scoring_version, axis
            order by as_of_on rows between unbounded preceding and current row
        ) as raw_since_on
    from steps

),

changes as (

    select
        *,
        case when raw_class = class then cast(as_of_on - raw_since_on as integer) end as delay_days
    from followed
    where not is_first and class <> earlier_class

),

undone as (

    select distinct
        changes.account_id,
        changes.scoring_version,
        changes.axis,
        changes.as_of_on
    from changes
    cross join parameters
    inner join changes as returns
        on
            returns.account_id = changes.account_id
            and returns.scoring_version = changes.scoring_version
            and returns.axis = changes.axis
            and returns.class = changes.earlier_class
            and returns.as_of_on > changes.as_of_on
            and returns.as_of_on <= changes.as_of_on + parameters.undone_days

),

counted as (

    select
        changes.axis,
        changes.scoring_version,
        cast(count(*) as integer) as changes,
        cast(count(undone.account_id) as integer) as changes_undone,
        cast(count(
            case
                when
                    undone.account_id is null
                    and changes.as_of_on + parameters.undone_days > published.last_published_on
                    then 1
            end
        ) as integer) as changes_open,
        cast(count(changes.delay_days) as integer) as changes_delayed,
        cast(median(changes.delay_days) as decimal(9, 1)) as delay_days
    from changes
    cross join parameters
    cross join published
    left join undone
        on
            undone.account_id = changes.account_id
            and undone.scoring_version = changes.scoring_version
            and undone.axis = changes.axis
            and undone.as_of_on = changes.as_of_on
    group by
        changes.axis,
        changes.scoring_version

)

select
    axes.axis,
    versions.scoring_version,
    published.first_published_on,
    published.last_published_on,
    published.published_days,
    coalesce(counted.changes, 0) as changes,
    coalesce(counted.changes_undone, 0) as changes_undone,
    coalesce(counted.changes_open, 0) as changes_open,
    {{ share_micro('counted.changes_undone', 'counted.changes') }} as flap_rate_micro,
    coalesce(counted.changes_delayed, 0) as changes_delayed,
    counted.delay_days
from axes
cross join versions
cross join published
left join counted
    on counted.axis = axes.axis and counted.scoring_version = versions.scoring_version
