{# CTEs that say which window holds on which days of the recomputed range, from CTEs settings and cadences:
   use_windows (max(28, 2c) days, months with the same window joined), week_windows, activation_windows. #}
{% macro use_windows(from_on) %}
window_steps as (

    select
        account_id,
        month_on,
        window_days,
        case
            when lag(window_days) over (partition by account_id order by month_on) = window_days then 0 else 1
        end as is_step
    from cadences

),

window_runs as (

    select
        account_id,
        month_on,
        window_days,
        sum(is_step) over (
            partition by account_id order by month_on rows between unbounded preceding and current row
        ) as run_number
    from window_steps

),

window_starts as (

    select
        account_id,
        run_number,
        window_days,
        greatest(min(month_on), {{ from_on }}) as valid_from
    from window_runs
    group by
        account_id,
        run_number,
        window_days

),

use_windows as (

    select
        account_id,
        window_days,
        valid_from,
        lead(valid_from, 1, cast('9999-12-31' as date)) over (partition by account_id order by run_number) as valid_to
    from window_starts

),

-- an account looks back no farther than its own longest window
longest_windows as (

    select
        account_id,
        max(window_days) as window_days
    from use_windows
    group by account_id

),

week_windows as (

    select distinct
        use_windows.account_id,
        settings.wau_days as window_days,
        {{ from_on }} as valid_from,
        cast('9999-12-31' as date) as valid_to
    from use_windows
    cross join settings

),

activation_windows as (

    select distinct
        use_windows.account_id,
        settings.activation_window_days as window_days,
        {{ from_on }} as valid_from,
        cast('9999-12-31' as date) as valid_to
    from use_windows
    cross join settings

)
{%- endmacro %}
