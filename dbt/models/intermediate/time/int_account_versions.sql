{{ config(materialized='incremental', incremental_strategy='replace_slots', slots_of='crm.accounts') }}

{{ slot_versions(
    ref('stg_crm__accounts'),
    'crm.accounts',
    ['account_id'],
    ['name', 'industry', 'region', 'country', 'timezone', 'language', 'customer_type', 'employee_count',
     'potential_seats', 'business_model', 'life_stage', 'parent_account_id', 'created_on', 'is_internal',
     'lead_source', 'csm_owner', 'account_owner', 'touch_preference', 'usage_cadence']
) }}
