-- the classes sum to n, the roles to the company, and nothing is shown of fewer than the minimum
with nps as (

    select * from {{ ref('nps_rolling') }}

),

by_role as (

    select
        as_of_on,
        window_days,
        sum(n) as n
    from nps
    where segment_group <> 'all'
    group by
        as_of_on,
        window_days

)

select
    nps.as_of_on,
    nps.window_days,
    nps.segment_group
from nps
inner join by_role
    on by_role.as_of_on = nps.as_of_on and by_role.window_days = nps.window_days
where
    nps.promoters + nps.passives + nps.detractors <> nps.n
    or nps.segment_group = 'all' and nps.n <> by_role.n
    or nps.is_shown <> (nps.nps is not null)
    or nps.responded > nps.invited
