{{ config(materialized='incremental', replace_days_domain='scores') }}

-- Everything that use counts in a window, per account and day. Each input row counts over an interval of days;
-- the counts are running sums of where intervals begin and end, so no day reads its window again.
{%- set from_on = recompute_from('scores') %}
with settings as (

    select {{ seed_values(['wau_days', 'year_before_days', 'activation_window_days', 'trend_prior']) }}
    from {{ ref('use_parameters') }}

),

spine as (

    select * from {{ ref('int_account_days') }}
    where as_of_on >= {{ from_on }}

),

cadences as (

    select * from {{ ref('int_use_cadence') }}
    where month_end_on >= {{ from_on }}

),

usage_daily as (

    select
        *,
        greatest(active_people, 1) as trend_days
    from {{ ref('usage_daily') }}
    where value_events > 0 and as_of_on > {{ from_on }} - {{ look_back_days('use_year') }}

),

{{ use_windows(from_on) }},

people_days as (

    select distinct
        person_days.account_id,
        person_days.person_key,
        person_days.as_of_on
    from {{ ref('int_use_person_days') }} as person_days
    inner join longest_windows
        on
            longest_windows.account_id = person_days.account_id
            and person_days.as_of_on > {{ from_on }} - longest_windows.window_days
    where
        person_days.value_events > 0
        and person_days.person_key is not null
        and person_days.as_of_on > {{ from_on }} - {{ look_back_days('use_window') }}

),

people_neighbours as (

    select
        account_id,
        as_of_on as present_on,
        lag(as_of_on) over (partition by account_id, person_key order by as_of_on) as previous_on,
        lead(as_of_on, 1, cast('9999-12-31' as date)) over (
            partition by account_id, person_key order by as_of_on
        ) as next_on
    from people_days

),

feature_days as (

    select distinct
        events.account_id,
        events.event_name,
        events.as_of_on
    from {{ ref('int_use_events') }} as events
    inner join longest_windows
        on
            longest_windows.account_id = events.account_id
            and events.as_of_on > {{ from_on }} - longest_windows.window_days
    where
        events.is_core
        and events.as_of_on > {{ from_on }} - {{ look_back_days('use_window') }}
        and events.as_of_on <= {{ as_of() }}

),

feature_neighbours as (

    select
        account_id,
        as_of_on as present_on,
        lag(as_of_on) over (partition by account_id, event_name order by as_of_on) as previous_on,
        lead(as_of_on, 1, cast('9999-12-31' as date)) over (
            partition by account_id, event_name order by as_of_on
        ) as next_on
    from feature_days

),

{{ presence_changes('wau', 'people_neighbours', 'week_windows') }},

{{ presence_changes('mau', 'people_neighbours', 'use_windows') }},

{{ presence_changes('feature', 'feature_neighbours', 'use_windows') }},

{{ presence_changes('new_feature', 'feature_neighbours', 'activation_windows') }},

{{ use_day_changes() }},

{{ use_running_counts(from_on) }},

first_uses as (

    select
        account_id,
        min(first_use_on) as first_use_on
    from {{ ref('int_use_months') }}
    group by account_id

),

known as (

    select
        counts.*,
        cadences.cadence_days,
        cadences.cadence_source,
        cadences.is_seasonal,
        cadences.window_days,
        case
            when first_uses.first_use_on <= counts.as_of_on
                then {{ days_between('first_uses.first_use_on', 'counts.as_of_on') }} + 1
        end as usage_known_days
    from counts
    left join first_uses on first_uses.account_id = counts.account_id
    left join cadences
        on cadences.account_id = counts.account_id and cadences.month_end_on = last_day(counts.as_of_on)

),

-- without both windows known there is no trend
trended as (

    select
        known.*,
        case
            when known.usage_known_days >= 2 * known.window_days
                then cast(round(
                    1000000.0 * (known.trend_days + settings.trend_prior)
                    / (known.trend_days_before + settings.trend_prior)
                ) as bigint) - 1000000
        end as trend_change_micro
    from known
    cross join settings

)

select * from trended
