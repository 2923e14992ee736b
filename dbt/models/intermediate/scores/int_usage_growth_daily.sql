{{ config(materialized='incremental', replace_days_domain='scores') }}

-- doublings of mean weekly people in 180 days, a prior added to both ends
with people as (

    select * from {{ ref('int_weekly_people_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

earlier_people as (

    select * from {{ ref('int_weekly_people_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - 180

),

versions as (

    select
        scoring_version,
        {{ parameter_columns(['growth_people_prior']) }}
    from {{ ref('growth_parameters') }}
    group by scoring_version

)

select
    people.account_id,
    people.as_of_on,
    versions.scoring_version,
    people.four_weeks_people,
    earlier_people.four_weeks_people as four_weeks_people_180d_ago,
    {{ micro(
        "ln((people.four_weeks_people + 4 * versions.growth_people_prior)"
        ~ " / (earlier_people.four_weeks_people + 4 * versions.growth_people_prior)) / ln(2e0)"
    ) }} as doublings_micro
from people
inner join earlier_people
    on earlier_people.account_id = people.account_id and earlier_people.as_of_on = people.as_of_on - 180
cross join versions
where people.four_weeks_people is not null and earlier_people.four_weeks_people is not null
