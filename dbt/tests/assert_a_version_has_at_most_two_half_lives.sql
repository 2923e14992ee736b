-- the engagement kernel sums a short and a long half-life; a third would be taken for the long one
select
    scoring_version,
    count(distinct half_life_days) as half_lives
from {{ ref('engagement_weights') }}
group by scoring_version
having count(distinct half_life_days) > 2
