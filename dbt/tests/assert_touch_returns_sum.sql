-- an expected return is the sum of its parts, and the hours of a month are never given out twice
select
    'return' as claim,
    account_id,
    as_of_on
from {{ ref('account_segments_daily') }}
where touch_expected_return <> touch_retention_return + coalesce(touch_expansion_return, 0) - touch_cost
union all
-- frozen: a month has one cut-off
select
    'cut-off' as claim,
    scoring_version as account_id,
    min(as_of_on) as as_of_on
from {{ ref('account_segments_daily') }}
group by
    scoring_version,
    date_trunc('month', as_of_on)
having
    count(distinct touch_cutoff) > 1
    or (count(touch_cutoff) > 0 and count(touch_cutoff) < count(*))
union all
select
    'hours' as claim,
    scoring_version as account_id,
    cutoff_on as as_of_on
from {{ ref('int_touch_cutoff_months') }}
where reached_hours > capacity_hours or (cutoff > 1 and reached_families = worthwhile_families)
