{{ config(materialized='incremental', replace_days_domain='scores', replace_days_column='cutoff_on') }}

-- the return that fills the team's hours, frozen on the first of the month; a family takes its hours once.
-- Where the hours suffice for every return above 0, the smallest such return is the cut-off
with returns as (

    select * from {{ ref('int_touch_return_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and as_of_on = cutoff_on

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

candidates as (

    select
        returns.*,
        row_number() over (
            partition by returns.cutoff_on, returns.scoring_version, returns.family_id
            order by returns.expected_return desc, returns.account_id asc
        ) as place_in_family
    from returns
    where not returns.is_internal and returns.expected_return > 0

),

ranked as (

    select
        candidates.cutoff_on,
        candidates.scoring_version,
        candidates.expected_return,
        settings.capacity_hours,
        sum(settings.account_hours) over (
            partition by candidates.cutoff_on, candidates.scoring_version
            order by candidates.expected_return desc, candidates.account_id asc
            rows between unbounded preceding and current row
        ) as hours_so_far
    from candidates
    inner join settings
        on settings.scoring_version = candidates.scoring_version
    where candidates.place_in_family = 1

),

filled as (

    select
        cutoff_on,
        scoring_version,
        count(*) as worthwhile_families,
        count(case when hours_so_far <= capacity_hours then 1 end) as reached_families,
        max(case when hours_so_far <= capacity_hours then hours_so_far end) as reached_hours,
        min(case when hours_so_far <= capacity_hours then expected_return end) as last_return
    from ranked
    group by
        cutoff_on,
        scoring_version

),

months as (

    select
        cutoff_on,
        scoring_version,
        cast(count(case when not is_internal then expected_return end) as bigint) as known_accounts
    from returns
    group by
        cutoff_on,
        scoring_version

)

select
    months.cutoff_on,
    months.scoring_version,
    months.known_accounts,
    settings.capacity_hours,
    cast(coalesce(filled.worthwhile_families, 0) as bigint) as worthwhile_families,
    cast(coalesce(filled.reached_families, 0) as bigint) as reached_families,
    cast(coalesce(filled.reached_hours, 0) as bigint) as reached_hours,
    cast(case
        when months.known_accounts = 0 then null
        when coalesce(filled.worthwhile_families = filled.reached_families, true) then 1
        else filled.last_return
    end as bigint) as cutoff
from months
inner join settings
    on settings.scoring_version = months.scoring_version
left join filled
    on filled.cutoff_on = months.cutoff_on and filled.scoring_version = months.scoring_version
