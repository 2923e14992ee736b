-- What was kept, expansion apart, is part of what there was and of what is kept in all: GRR <= min(1, NRR).
select
    as_of_on,
    window_months,
    nrr_ratio,
    grr_ratio
from {{ ref('retention_monthly') }}
where
    grr_ratio > least(1, nrr_ratio)
    or grr_without_reactivations_ratio > least(grr_ratio, nrr_without_reactivations_ratio)
    or nrr_without_reactivations_ratio > nrr_ratio
