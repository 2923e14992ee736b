-- rows of accounts that the CRM does not know: of events in the last days, of states in their newest slot
{%- set events = [['nps.responses', 'stg_nps__responses', 'responded_on'],
                  ['nps.invitations', 'stg_nps__invitations', 'sent_on'],
                  ['crm.touchpoints', 'stg_crm__touchpoints', 'occurred_on']] -%}
{%- set states = [['billing.subscription_items', 'stg_billing__subscription_items'],
                  ['billing.invoices', 'stg_billing__invoices'],
                  ['crm.attributes', 'stg_crm__attributes'],
                  ['crm.contacts', 'stg_crm__contacts'],
                  ['crm.answers', 'stg_crm__answers'],
                  ['crm.overrides', 'stg_crm__overrides'],
                  ['crm.opportunities', 'stg_crm__opportunities'],
                  ['crm.goals', 'stg_crm__goals'],
                  ['finance.costs', 'stg_finance__costs']] %}
with settings as (

    select * from {{ ref('int_quality_settings') }}

),

known_accounts as (

    select distinct account_id from {{ ref('int_account_versions') }}

),

crm as (

    select is_connected from {{ source('ops', 'inputs') }}
    where table_name = 'crm.accounts'

),

newest_slots as (

    select
        table_name,
        feed,
        max(slot) as slot
    from {{ ref('int_input_slots') }}
    group by
        table_name,
        feed

),

delivered_rows as (

    select
        'usage.events' as table_name,
        person_days.account_id,
        person_days.events as delivered_rows
    from {{ ref('int_usage_person_days') }} as person_days
    cross join settings
    where person_days.usage_on > {{ as_of() }} - settings.unknown_accounts_days
    {%- for table_name, model, date_column in events %}
    union all
    select
        '{{ table_name }}' as table_name,
        {{ model }}.account_id,
        1 as delivered_rows
    from {{ ref(model) }} as {{ model }}
    cross join settings
    where {{ model }}.{{ date_column }} > {{ as_of() }} - settings.unknown_accounts_days
    {%- endfor %}
    {%- for table_name, model in states %}
    union all
    select
        '{{ table_name }}' as table_name,
        {{ model }}.account_id,
        1 as delivered_rows
    from {{ ref(model) }} as {{ model }}
    inner join newest_slots
        on
            newest_slots.table_name = '{{ table_name }}'
            and newest_slots.feed = {{ model }}._feed
            and newest_slots.slot = {{ model }}._slot
    {%- endfor %}

)

select
    delivered_rows.table_name,
    cast(sum(case when known_accounts.account_id is null then delivered_rows.delivered_rows else 0 end) as bigint)
        as unknown_account_rows
from delivered_rows
inner join crm
    on crm.is_connected
left join known_accounts
    on known_accounts.account_id = delivered_rows.account_id
where delivered_rows.account_id is not null
group by delivered_rows.table_name
