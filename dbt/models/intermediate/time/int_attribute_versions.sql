{{ config(materialized='incremental', incremental_strategy='replace_slots', slots_of='crm.attributes') }}

{{ slot_versions(
    ref('stg_crm__attributes'),
    'crm.attributes',
    ['account_id', 'attribute', 'holds_from_on'],
    ['value']
) }}
