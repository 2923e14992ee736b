{{ config(materialized='incremental', replace_days_column='month_end_on', replace_days_domain='scores') }}

-- frozen on the first of the month: the month's own days do not count
with settings as (

    select
        {{ seed_values([
            'minimum_window_days', 'window_cadences', 'cadence_min_days', 'cadence_max_days', 'cadence_known_days',
            'cadence_lookback_months'
        ]) }}
    from {{ ref('use_parameters') }}

),

months as (

    select distinct
        month_on,
        last_day(month_on) as month_end_on
    from {{ ref('int_days') }}
    where last_day(month_on) >= {{ recompute_from('scores') }}

),

account_months as (

    select
        accounts.account_id,
        months.month_on,
        months.month_end_on
    from {{ ref('int_accounts_seen') }} as accounts
    inner join months on months.month_end_on >= accounts.first_seen_on

),

use_months as (

    select
        *,
        lag(last_value_on) over (partition by account_id order by month_end_on) as previous_value_on
    from {{ ref('int_use_months') }}
    where value_days > 0

),

-- within months, and from one month to the next
gaps as (

    select
        account_id,
        month_end_on,
        gap_days,
        gaps
    from {{ ref('int_use_month_gaps') }}
    union all
    select
        account_id,
        month_end_on,
        {{ days_between('previous_value_on', 'first_value_on') }} as gap_days,
        1 as gaps
    from use_months
    where previous_value_on is not null

),

known as (

    select
        account_months.account_id,
        account_months.month_on
    from account_months
    cross join settings
    inner join use_months
        on use_months.account_id = account_months.account_id and use_months.month_end_on < account_months.month_on
    group by
        account_months.account_id,
        account_months.month_on,
        settings.cadence_known_days
    having sum(use_months.value_days) >= settings.cadence_known_days

),

counted as (

    select
        known.account_id,
        known.month_on,
        gaps.gap_days,
        sum(gaps.gaps) as gaps
    from known
    cross join settings
    inner join gaps
        on
            gaps.account_id = known.account_id
            and gaps.month_end_on < known.month_on
            and {{ months_between('gaps.month_end_on', 'known.month_on') }} <= settings.cadence_lookback_months
    group by
        known.account_id,
        known.month_on,
        gaps.gap_days

),

ranked as (

    select
        *,
        sum(gaps) over (
            partition by account_id, month_on order by gap_days rows between unbounded preceding and current row
        ) as gaps_up_to,
        sum(gaps) over (partition by account_id, month_on) as all_gaps
    from counted

),

-- the mean of the two middle gaps, rounded up
medians as (

    select
        account_id,
        month_on,
        cast(floor((
            min(case when 2 * gaps_up_to >= all_gaps then gap_days end)
            + min(case when 2 * gaps_up_to > all_gaps then gap_days end)
            + 1
        ) / 2.0) as integer) as median_gap_days
    from ranked
    group by
        account_id,
        month_on

),

declared as (

    select
        account_months.account_id,
        account_months.month_on,
        min(cadences.cadence_days) as cadence_days,
        bool_or(cadences.is_seasonal) as is_seasonal
    from account_months
    inner join {{ ref('int_account_versions') }} as versions
        on
            versions.account_id = account_months.account_id
            and versions.valid_from <= account_months.month_on
            and {{ open_ended('versions.valid_to') }} > account_months.month_on
    inner join {{ ref('use_cadences') }} as cadences on cadences.usage_cadence = versions.usage_cadence
    group by
        account_months.account_id,
        account_months.month_on

),

cadences as (

    select
        account_months.account_id,
        account_months.month_on,
        account_months.month_end_on,
        settings.minimum_window_days,
        settings.window_cadences,
        case
            when declared.cadence_days is not null then 'declared'
            when medians.median_gap_days is not null then 'observed'
            else 'default'
        end as cadence_source,
        coalesce(declared.is_seasonal, false) as is_seasonal,
        greatest(settings.cadence_min_days, least(
            settings.cadence_max_days,
            coalesce(declared.cadence_days, medians.median_gap_days, settings.cadence_min_days)
        )) as cadence_days
    from account_months
    cross join settings
    left join declared
        on declared.account_id = account_months.account_id and declared.month_on = account_months.month_on
    left join medians
        on medians.account_id = account_months.account_id and medians.month_on = account_months.month_on

)

select
    account_id,
    month_on,
    month_end_on,
    cadence_days,
    cadence_source,
    is_seasonal,
    greatest(minimum_window_days, window_cadences * cadence_days) as window_days
from cadences
