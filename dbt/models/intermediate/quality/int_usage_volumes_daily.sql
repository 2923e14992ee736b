{{ config(
    materialized='incremental',
    replace_days_column='usage_on',
    replace_days_touched_by='usage.events'
) }}

with person_days as (

    select * from {{ ref('int_usage_person_days') }}
    {{ only_touched_days('usage_on', 'usage.events') }}

)

select
    usage_on,
    cast(sum(events) as bigint) as events,
    cast(count(distinct account_id) as bigint) as accounts
from person_days
group by usage_on
