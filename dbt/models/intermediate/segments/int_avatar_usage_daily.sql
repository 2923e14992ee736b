{{ config(materialized='incremental', replace_days_domain='scores') }}

-- momentum of use: doublings of weekly people in 180 days where enough people come at both ends;
-- once a year is known at most half of its doublings, so that a season is no momentum; until then a use that is
-- declared seasonal says nothing
with usage_growth as (

    select * from {{ ref('int_usage_growth_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

people_a_year_ago as (

    select * from {{ ref('int_weekly_people_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - 365

),

use_days as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

priors as (

    select
        scoring_version,
        {{ parameter_columns(['growth_people_prior']) }}
    from {{ ref('growth_parameters') }}
    group by scoring_version

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['usage_min_people', 'year_known_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

measured as (

    select
        usage_growth.account_id,
        usage_growth.as_of_on,
        usage_growth.scoring_version,
        usage_growth.doublings_micro,
        use_days.expected_active_days_micro is not null
        and usage_growth.four_weeks_people >= 4 * parameters.usage_min_people
        and usage_growth.four_weeks_people_180d_ago >= 4 * parameters.usage_min_people as has_enough_people,
        case
            when use_days.usage_known_days >= parameters.year_known_days
                then {{ micro(
                    "ln((usage_growth.four_weeks_people + 4 * priors.growth_people_prior)"
                    ~ " / (people_a_year_ago.four_weeks_people + 4 * priors.growth_people_prior)) / ln(2e0) / 2"
                ) }}
        end as half_year_doublings_micro
    from usage_growth
    inner join priors
        on priors.scoring_version = usage_growth.scoring_version
    inner join parameters
        on parameters.scoring_version = usage_growth.scoring_version
    left join use_days
        on use_days.account_id = usage_growth.account_id and use_days.as_of_on = usage_growth.as_of_on
    left join people_a_year_ago
        on
            people_a_year_ago.account_id = usage_growth.account_id
            and people_a_year_ago.as_of_on = usage_growth.as_of_on - 365

)

select
    account_id,
    as_of_on,
    scoring_version,
    least(doublings_micro, coalesce(half_year_doublings_micro, doublings_micro)) as usage_doublings_micro
from measured
where has_enough_people
order by as_of_on
