-- ids that come with more than one content: of events anywhere in their history (usage: on one day),
-- of states within their newest slot
{%- set events = [
    ['nps.responses', ['response_id'], 'stg_nps__responses'],
    ['crm.touchpoints', ['touchpoint_id'], 'stg_crm__touchpoints'],
] -%}
{%- set states = [
    ['billing.subscription_items', ['subscription_id', 'item_id', 'starts_at'], 'stg_billing__subscription_items'],
    ['billing.invoices', ['invoice_id'], 'stg_billing__invoices'],
    ['crm.accounts', ['account_id'], 'stg_crm__accounts'],
    ['crm.contacts', ['account_id', 'user_id', 'buying_role'], 'stg_crm__contacts'],
    ['crm.opportunities', ['opportunity_id'], 'stg_crm__opportunities'],
] %}
with newest_slots as (

    select
        table_name,
        feed,
        max(slot) as slot
    from {{ ref('int_input_slots') }}
    group by
        table_name,
        feed

),

usage_ids as (

    select
        'usage.events' as table_name,
        coalesce(sum(same_ids), 0) as same_ids
    from {{ ref('int_usage_same_ids_daily') }}

),

{% for table_name, key, model in events -%}
{{ model }}_ids as (

    select {{ key | join(', ') }}
    from {{ ref(model) }}
    group by {{ key | join(', ') }}
    having count(*) > 1

),

{% endfor -%}
{% for table_name, key, model in states -%}
{{ model }}_ids as (

    select delivered.{{ key | join(', delivered.') }}
    from {{ ref(model) }} as delivered
    inner join newest_slots
        on
            newest_slots.table_name = '{{ table_name }}'
            and newest_slots.feed = delivered._feed
            and newest_slots.slot = delivered._slot
    group by delivered._feed, delivered.{{ key | join(', delivered.') }}
    having count(*) > 1

),

{% endfor -%}
counted as (

    select * from usage_ids
    {%- for table_name, key, model in events + states %}
    union all
    select
        '{{ table_name }}' as table_name,
        count(*) as same_ids
    from {{ model }}_ids
    {%- endfor %}

)

select
    table_name,
    cast(same_ids as bigint) as same_ids
from counted
