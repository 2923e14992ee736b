select
    account_id,
    as_of_on,
    scoring_version
from {{ ref('growth_potential_daily') }}
where
    (growth_bp is not null) <> (status not in ('churned', 'uncalibrated', 'unknown'))
    or growth_bp not between 0 and 10000
    or growth_bp is not null and (headroom_micro is null or readiness_micro is null)
