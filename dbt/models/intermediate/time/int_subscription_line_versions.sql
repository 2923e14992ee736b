{{ config(materialized='incremental', incremental_strategy='replace_slots', slots_of='billing.subscription_items') }}

{{ slot_versions(
    ref('stg_billing__subscription_items'),
    'billing.subscription_items',
    ['subscription_id', 'item_id', 'starts_at'],
    ['account_id', 'plan', 'status', 'status_since', 'status_since_on', 'starts_on', 'ends_at', 'ends_on',
     'canceled_at', 'canceled_on', 'trial_ends_at', 'trial_ends_on', 'quantity', 'unit_amount', 'currency',
     'billing_interval', 'interval_count', 'discount_percent', 'discount_amount', 'discount_ends_on', 'seats',
     'renews_on', 'auto_renews', 'notice_days', 'pricing']
) }}
