{{ config(materialized='incremental', replace_days_domain='scores') }}

-- events without a person keep their own row, with no person_key
with events as (

    select * from {{ ref('int_use_events') }}
    where as_of_on >= {{ recompute_from('scores') }} and as_of_on <= {{ as_of() }}

)

select
    account_id,
    person_key,
    kind,
    as_of_on,
    cast(sum(events) as bigint) as events,
    cast(sum(case when is_value then events else 0 end) as bigint) as value_events
from events
group by
    account_id,
    person_key,
    kind,
    as_of_on
