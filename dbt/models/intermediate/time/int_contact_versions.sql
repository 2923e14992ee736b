{{ config(materialized='incremental', incremental_strategy='replace_slots', slots_of='crm.contacts') }}

{{ slot_versions(
    ref('stg_crm__contacts'),
    'crm.contacts',
    ['account_id', 'user_id', 'buying_role'],
    ['title', 'email', 'is_active', 'left_on', 'is_champion']
) }}
