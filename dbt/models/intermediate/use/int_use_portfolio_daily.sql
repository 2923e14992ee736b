{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what everyone did, to be taken off each account's fall: holidays fall on everyone
with counts as (

    select * from {{ ref('int_use_counts') }}
    where as_of_on >= {{ recompute_from('scores') }}

)

select
    as_of_on,
    cast(percentile_disc(0.5) within group (order by trend_change_micro) as bigint) as portfolio_change_micro,
    cast(count(*) as integer) as accounts
from counts
where not is_internal and trend_change_micro is not null and trend_days + trend_days_before > 0
group by as_of_on
