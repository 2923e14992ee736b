{{ config(
    materialized='incremental',
    replace_days_column='usage_on',
    replace_days_touched_by='usage.events'
) }}

with events as (

    select * from {{ ref('stg_usage__events') }}
    {{ only_touched_days('occurred_on', 'usage.events') }}

)

select
    account_id,
    user_id,
    event_name,
    occurred_on as usage_on,
    cast(count(*) as bigint) as events,
    cast(sum(quantity) as decimal(38, 6)) as quantity
from events
group by
    account_id,
    user_id,
    event_name,
    occurred_on
