-- The standing of a line over time, cancellation apart (a canceled line is paid for until it ends).
-- A status counts from status_since, else from the first slot that showed it, and yields to later ones;
-- before the first known status a line is active, or on trial. A file that speaks for all time has no slot to date a
-- status by: the day that file was received does.
with versions as (

    select
        versions.*,
        {{ line_key('versions') }} as line_key
    from {{ ref('int_subscription_line_versions') }} as versions

),

dates as (

    select * from {{ ref('int_billing_line_dates') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

slots as (

    select
        feed,
        count(distinct slot) as slots,
        min(known_on) as first_known_on
    from {{ source('ops', 'deliveries') }}
    where table_name = 'billing.subscription_items' and is_in_force
    group by feed

),

compared as (

    select
        *,
        lag(status) over (partition by line_key order by version_number) as previous_status,
        lag(status_since_on) over (partition by line_key order by version_number) as previous_since_on
    from versions
    where status <> 'canceled'

),

-- only the version that begins a run of the same status matters
runs as (

    select
        compared.line_key,
        compared.status,
        compared.status_since_on,
        case
            when compared.first_slot_on < cast('9999-12-31' as date) then compared.first_slot_on
            else slots.first_known_on
        end as shown_on,
        coalesce(slots.slots = 1, false) as is_only_slot,
        row_number() over (partition by compared.line_key order by compared.version_number) as run_number
    from compared
    left join slots
        on slots.feed = compared._feed
    where
        compared.previous_status is null
        or compared.previous_status <> compared.status
        or compared.previous_since_on is distinct from compared.status_since_on

),

begun as (

    select
        runs.line_key,
        runs.run_number,
        runs.status,
        runs.is_only_slot and runs.status_since_on is null as is_since_unknown,
        case
            when runs.status_since_on is not null then runs.status_since_on
            when runs.run_number > 1 then runs.shown_on
            when runs.status = 'trialing' then cast('0001-01-01' as date)
            when runs.status = 'active' and dates.trial_ends_on is null then cast('0001-01-01' as date)
            when runs.status = 'active' then least(dates.trial_ends_on, runs.shown_on)
            else runs.shown_on
        end as from_on
    from runs
    inner join dates
        on dates.line_key = runs.line_key

),

firsts as (

    select
        dates.line_key,
        0 as run_number,
        coalesce(max(case when begun.run_number = 1 and begun.status = 'trialing' then 'trialing' end), 'active')
            as status,
        false as is_since_unknown,
        cast('0001-01-01' as date) as from_on
    from dates
    left join begun
        on begun.line_key = dates.line_key
    group by dates.line_key

),

all_runs as (

    select * from firsts
    union all
    select
        line_key,
        run_number,
        status,
        is_since_unknown,
        from_on
    from begun

),

spans as (

    select
        *,
        min(from_on) over (
            partition by line_key order by run_number rows between 1 following and unbounded following
        ) as until_on
    from all_runs

)

select
    spans.line_key,
    spans.run_number,
    spans.status,
    spans.is_since_unknown,
    spans.from_on,
    spans.until_on,
    coalesce(
        spans.status = 'paused'
        and least(spans.until_on, dates.closes_on, {{ as_of() }} + 1) - greatest(spans.from_on, dates.starts_on)
        > parameters.lasting_pause_days,
        false
    ) as is_lasting_pause
from spans
inner join dates
    on dates.line_key = spans.line_key
cross join parameters
where spans.until_on is null or spans.until_on > spans.from_on
