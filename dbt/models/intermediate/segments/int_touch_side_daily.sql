{{ config(materialized='incremental', replace_days_domain='scores') }}

-- on which side of the month's cut-off the expected return of high touch stands, by decisive days:
-- enter and exit are shares of the cut-off, so the lines that the return is held against are amounts
with returns as (

    select * from {{ ref('int_touch_return_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

cutoffs as (

    select * from {{ ref('int_touch_cutoff_months') }}

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

measured as (

    select
        returns.account_id,
        returns.as_of_on,
        returns.scoring_version,
        case when cutoffs.known_accounts > 0 then returns.expected_return end as quantity,
        returns.is_fresh,
        false as is_forced_high,
        cutoffs.cutoff * settings.enter_at as enter_at,
        cutoffs.cutoff * settings.exit_at as exit_at,
        settings.decisive_days
    from returns
    inner join settings
        on settings.scoring_version = returns.scoring_version
    left join cutoffs
        on cutoffs.scoring_version = returns.scoring_version and cutoffs.cutoff_on = returns.cutoff_on

),

{{ border_sides(is_forgetting=true) }}

select * from sided
order by as_of_on
