{{ config(materialized='view') }}

-- accounts of which somebody who used to answer is silent, and whether their use is down against the season: against
-- the same window of the year before where it is known, else against the window before less what everybody lost
with silent as (

    select
        account_id,
        user_id,
        scoring_version,
        {{ day_series(
            'greatest(valid_from, ' ~ recompute_from('scores') ~ ')', 'least(valid_to - 1, ' ~ as_of() ~ ')'
        ) }} as as_of_on
    from {{ ref('int_silent_people') }}
    where valid_to > {{ recompute_from('scores') }} and valid_from <= {{ as_of() }}

),

accounts as (

    select
        account_id,
        as_of_on,
        scoring_version,
        cast(count(distinct user_id) as integer) as silent_people
    from silent
    group by
        account_id,
        as_of_on,
        scoring_version

),

days as (

    select * from {{ ref('int_health_evaluation_days') }}

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('carry') }}

),

settings as (

    select {{ seed_values(['year_before_days']) }}
    from {{ ref('use_parameters') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['silent_use_fall']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

)

select
    accounts.account_id,
    accounts.as_of_on,
    accounts.scoring_version,
    accounts.silent_people,
    case
        when use_days.is_off_season then false
        -- a declared season whose year is not known yet is compared with nothing
        when use_days.expected_active_days_micro is null then null
        when use_days.usage_known_days >= settings.year_before_days + use_days.window_days
            then use_days.frequency_micro <= 1000000 - cast(round(1e6 * parameters.silent_use_fall) as bigint)
        else
            use_days.trend_change_micro - least(0, coalesce(use_days.portfolio_change_micro, 0))
            <= -cast(round(1e6 * parameters.silent_use_fall) as bigint)
    end as is_use_down
from accounts
cross join settings
inner join parameters
    on parameters.scoring_version = accounts.scoring_version
inner join days
    on days.as_of_on = accounts.as_of_on and days.scoring_version = accounts.scoring_version
left join use_days
    on use_days.account_id = accounts.account_id and use_days.as_of_on = days.usage_on
