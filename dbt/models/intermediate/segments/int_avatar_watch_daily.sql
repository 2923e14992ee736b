{{ config(materialized='incremental', replace_days_domain='scores') }}

-- an account's watch, counted in paid days so that pauses do not count: from the first paid day, anew on ceasing to be
-- disruptor or leader, and anew where none runs after so many days of growth potential; it does not end amid such days,
-- nor amid them by a day on which a source was stale
with parameters as (

    select
        scoring_version,
        {{ parameter_columns(['watch_days', 'regrowth_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

standing as (

    select
        standing.*,
        facts.is_paying,
        facts.paid_days,
        parameters.watch_days,
        parameters.regrowth_days,
        -- the paid day at hand, or the next one
        case when facts.is_paying then facts.paid_days else facts.paid_days + 1 end as next_paid_days
    from {{ ref('int_avatar_standing_daily') }} as standing
    inner join {{ ref('int_avatar_facts_daily') }} as facts
        on
            facts.account_id = standing.account_id
            and facts.as_of_on = standing.as_of_on
            and facts.scoring_version = standing.scoring_version
            and facts.as_of_on >= {{ recompute_from('scores') }}
    inner join parameters
        on parameters.scoring_version = standing.scoring_version
    where standing.as_of_on >= {{ recompute_from('scores') }}

),

earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        watch_from_paid_days,
        watched_on
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        cast(1 as bigint) as watch_from_paid_days,
        cast(null as date) as watched_on
    from standing
    where false
    {%- endif %}

),

continued as (

    select
        standing.*,
        coalesce(earlier.watch_from_paid_days, 1) as earlier_from_days,
        earlier.watched_on as earlier_watched_on
    from standing
    left join earlier
        on
            earlier.account_id = standing.account_id
            and earlier.scoring_version = standing.scoring_version

),

-- days on each of which an account without a watch would get one; those of one run follow each other in paid days
growing as (

    select
        *,
        paid_days - row_number() over (partition by account_id, scoring_version order by as_of_on) as run_number
    from continued
    where is_paying and not is_top and growth_days >= regrowth_days

),

points as (

    select
        account_id,
        scoring_version,
        watch_days,
        min(earlier_from_days) as from_days,
        cast(null as bigint) as to_days,
        cast(null as bigint) as is_run
    from continued
    group by
        account_id,
        scoring_version,
        watch_days
    union all
    select
        account_id,
        scoring_version,
        watch_days,
        next_paid_days as from_days,
        cast(null as bigint) as to_days,
        0 as is_run
    from continued
    where has_left_top
    union all
    select
        account_id,
        scoring_version,
        watch_days,
        min(paid_days) as from_days,
        max(paid_days) as to_days,
        1 as is_run
    from growing
    group by
        account_id,
        scoring_version,
        watch_days,
        run_number

),

starts as (

    select
        account_id,
        scoring_version,
        {{ watch_starts('from_days', 'to_days', 'is_run', 'min(watch_days)') }} as from_days
    from points
    group by
        account_id,
        scoring_version

),

watched as (

    select
        continued.*,
        greatest(
            continued.earlier_from_days,
            coalesce(max(case
                when continued.has_left_top then continued.next_paid_days
                when continued.is_paying and array_contains(starts.from_days, continued.paid_days)
                    then continued.paid_days
            end) over (
                partition by continued.account_id, continued.scoring_version
                order by continued.as_of_on rows between unbounded preceding and current row
            ), 0)
        ) as watch_from_paid_days
    from continued
    inner join starts
        on
            starts.account_id = continued.account_id
            and starts.scoring_version = continued.scoring_version

),

measured as (

    select
        *,
        paid_days - watch_from_paid_days < watch_days as is_watched
    from watched

),

judged as (

    select
        *,
        coalesce(max(case when is_watched then as_of_on end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ), earlier_watched_on) as watched_on
    from measured

),

-- since the last day of the watch there has been growth potential on each day of which it is known
prolonged as (

    select
        *,
        coalesce(not is_watched and not is_top and growth_since_on <= watched_on, false) as is_prolonged
    from judged

)

select
    account_id,
    as_of_on,
    scoring_version,
    watch_from_paid_days,
    watched_on,
    is_watched or is_prolonged as is_on_watch,
    case
        when is_prolonged and is_paying then as_of_on
        when is_watched and is_paying
            then as_of_on + cast(watch_days - 1 - (paid_days - watch_from_paid_days) as integer)
    end as watch_ends_on
from prolonged
order by as_of_on
