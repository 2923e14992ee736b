-- depends_on: {{ ref('data_status') }}
-- nothing is dropped silently: every row received is loaded, unchanged, in quarantine, a duplicate or blocked
with deliveries as (

    select * from {{ source('ops', 'deliveries') }}

)

select
    delivery_id,
    table_name,
    slot,
    file_name,
    received,
    coalesce(loaded, 0) + coalesce(unchanged, 0) + coalesce(quarantined, 0) + coalesce(duplicates, 0)
    + coalesce(blocked, 0) as parts
from deliveries
where
    coalesce(received, 0)
    <> coalesce(loaded, 0) + coalesce(unchanged, 0) + coalesce(quarantined, 0) + coalesce(duplicates, 0)
    + coalesce(blocked, 0)
