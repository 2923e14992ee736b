{{ config(post_hook="insert into {{ source('ops', 'attempted_windows') }} select domain, from_on from {{ this }}") }}

-- One row per domain: the first day that this run recomputes. From it to K every daily partition is replaced.
-- usage, money, voice and people look at their own inputs; scores follow them all, and what is stale.
with current_intervals as (

    select intervals.*
    from {{ ref('int_state_intervals') }} as intervals
    inner join {{ source('ops', 'changed_tables') }} as changed_tables
        on changed_tables.table_name = intervals.table_name

),

applied_intervals as (

    select intervals.*
    from {{ source('ops', 'applied_state_intervals') }} as intervals
    inner join {{ source('ops', 'changed_tables') }} as changed_tables
        on changed_tables.table_name = intervals.table_name

),

run as (

    select * from {{ source('ops', 'run') }}

),

next_day as (

    select max(as_of_on) + 1 as from_on from {{ source('ops', 'applied') }}

),

added as (

    select
        domain,
        table_name,
        row_key,
        valid_from,
        valid_to,
        content
    from current_intervals
    except
    select
        domain,
        table_name,
        row_key,
        valid_from,
        valid_to,
        content
    from applied_intervals

),

removed as (

    select
        domain,
        table_name,
        row_key,
        valid_from,
        valid_to,
        content
    from applied_intervals
    except
    select
        domain,
        table_name,
        row_key,
        valid_from,
        valid_to,
        content
    from current_intervals

),

-- two step functions can first differ only where one of them takes a step
steps as (

    select
        domain,
        table_name,
        row_key,
        valid_from as step_on
    from added
    union
    select
        domain,
        table_name,
        row_key,
        valid_to as step_on
    from added
    where valid_to is not null
    union
    select
        domain,
        table_name,
        row_key,
        valid_from as step_on
    from removed
    union
    select
        domain,
        table_name,
        row_key,
        valid_to as step_on
    from removed
    where valid_to is not null

),

differences as (

    select
        steps.domain,
        min(steps.step_on) as from_on
    from steps
    left join added
        on
            added.domain = steps.domain
            and added.table_name = steps.table_name
            and added.row_key = steps.row_key
            and added.valid_from <= steps.step_on
            and {{ open_ended('added.valid_to') }} > steps.step_on
    left join removed
        on
            removed.domain = steps.domain
            and removed.table_name = steps.table_name
            and removed.row_key = steps.row_key
            and removed.valid_from <= steps.step_on
            and {{ open_ended('removed.valid_to') }} > steps.step_on
    where added.content is distinct from removed.content
    group by steps.domain

),

touched_usage as (

    select
        'usage' as domain,
        min(touched_on) as from_on
    from {{ source('ops', 'touched_days') }}
    where table_name = 'usage.events'

),

changes as (

    select
        domain,
        from_on
    from differences
    union all
    select
        domain,
        from_on
    from touched_usage

),

-- a run that died may have rewritten days that nothing points to any more
attempted as (

    select
        domain,
        min(from_on) as from_on
    from {{ source('ops', 'attempted_windows') }}
    group by domain

),

domains as (

    select
        'usage' as domain,
        'usage' as reads
    union all
    select
        'money' as domain,
        'money' as reads
    union all
    select
        'voice' as domain,
        'voice' as reads
    union all
    select
        'people' as domain,
        'people' as reads
    union all
    select
        'scores' as domain,
        changes.domain as reads
    from changes

),

earliest as (

    select
        domains.domain,
        min(changes.from_on) as from_on
    from domains
    left join changes on changes.domain = domains.reads
    group by domains.domain

),

all_domains as (

    select names.domain from (values ('usage'), ('money'), ('voice'), ('people'), ('scores')) as names (domain)

)

select
    all_domains.domain,
    cast(greatest(
        run.first_day,
        least(
            coalesce(next_day.from_on, run.first_day),
            coalesce(earliest.from_on, next_day.from_on, run.first_day),
            coalesce(attempted.from_on, next_day.from_on, run.first_day)
        )
    ) as date) as from_on
from all_domains
cross join run
cross join next_day
left join earliest on earliest.domain = all_domains.domain
left join attempted on attempted.domain = all_domains.domain
