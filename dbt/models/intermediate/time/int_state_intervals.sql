{{ config(materialized='incremental', incremental_strategy='replace_changed_tables') }}

-- One row per input row and interval in which its content holds: the terms of a line, the answer of a person,
-- the rate of a day. What differs from the last complete run says from which day each domain must be recomputed.
-- Tables of which nothing came keep their rows.
with first_sightings as (

    select
        'people' as domain,
        'accounts' as table_name,
        account_id as row_key,
        first_seen_on as valid_from,
        cast(null as date) as valid_to,
        cast(first_seen_on as varchar) as content
    from {{ ref('int_accounts_seen') }}

),

-- a feed that returns without news still makes the days fresh on which it was missed
input_days as (

    select
        'inputs' as domain,
        'inputs' as table_name,
        table_name as row_key,
        as_of_on as valid_from,
        cast(as_of_on + 1 as date) as valid_to,
        {{ content_of(['is_stale', 'stale_since_on', 'watermark_on']) }} as content
    from {{ ref('int_input_status_daily') }}

),

account_versions as (

    select
        'people' as domain,
        'crm.accounts' as table_name,
        {{ content_of(['_feed', 'account_id']) }} as row_key,
        valid_from,
        valid_to,
        content
    from {{ ref('int_account_versions') }}
    where {{ is_changed('crm.accounts') }}

),

attribute_intervals as (

    select
        'people' as domain,
        'crm.attributes' as table_name,
        {{ content_of(['_feed', 'account_id', 'attribute', 'holds_from_on']) }} as row_key,
        valid_from,
        valid_to,
        value as content
    from {{ ref('int_attribute_intervals') }}
    where {{ is_changed('crm.attributes') }}

),

contact_versions as (

    select
        'people' as domain,
        'crm.contacts' as table_name,
        {{ content_of(['_feed', 'account_id', 'user_id', 'buying_role']) }} as row_key,
        valid_from,
        valid_to,
        content
    from {{ ref('int_contact_versions') }}
    where {{ is_changed('crm.contacts') }}

),

touchpoints as (

    select
        'people' as domain,
        'crm.touchpoints' as table_name,
        {{ content_of(['touchpoint_id', 'account_id', 'user_id', 'kind', 'occurred_at']) }} as row_key,
        occurred_on as valid_from,
        cast(null as date) as valid_to,
        {{ content_of(['channel', 'is_prompted', 'sentiment', 'stage', 'content_id']) }} as content
    from {{ ref('stg_crm__touchpoints') }}
    where {{ is_changed('crm.touchpoints') }}

),

discovery_answers as (

    select
        'people' as domain,
        'crm.answers' as table_name,
        {{ content_of(['_feed', 'account_id', 'user_id', 'question', 'answered_on', '_delivery', '_row']) }} as row_key,
        answered_on as valid_from,
        cast(null as date) as valid_to,
        {{ content_of(['answer', 'rating']) }} as content
    from {{ ref('stg_crm__answers') }}
    where {{ is_changed('crm.answers') }}

),

lines as (

    select
        'money' as domain,
        'billing.subscription_items' as table_name,
        line_key as row_key,
        valid_from,
        valid_to,
        content
    from {{ ref('int_billing_lines') }}

),

rates as (

    select
        'money' as domain,
        'finance.fx_rates' as table_name,
        currency as row_key,
        valid_from,
        valid_to,
        cast(rate as varchar) as content
    from {{ ref('int_fx_rates') }}
    where {{ is_changed('finance.fx_rates') }}

),

merged_accounts as (

    select
        'money' as domain,
        'crm.account_merges' as table_name,
        from_account_id as row_key,
        merged_on as valid_from,
        cast(null as date) as valid_to,
        into_account_id as content
    from {{ ref('int_account_merges') }}
    where {{ is_changed('crm.account_merges') }}

),

responses as (

    select
        'voice' as domain,
        'nps.responses' as table_name,
        {{ content_of(['response_id', 'account_id', 'user_id', 'responded_at']) }} as row_key,
        responded_on as valid_from,
        cast(null as date) as valid_to,
        {{ content_of(['score', 'comment', 'survey_id', 'survey_kind']) }} as content
    from {{ ref('stg_nps__responses') }}
    where {{ is_changed('nps.responses') }}

),

invitations as (

    select
        'voice' as domain,
        'nps.invitations' as table_name,
        {{ content_of(['survey_id', 'account_id', 'user_id', 'sent_at']) }} as row_key,
        sent_on as valid_from,
        cast(null as date) as valid_to,
        '' as content
    from {{ ref('stg_nps__invitations') }}
    where {{ is_changed('nps.invitations') }}

),

transactional_surveys as (

    select distinct survey_id from {{ ref('stg_nps__responses') }}
    where survey_kind <> 'relationship'

),

-- an answer tells of a survey that it is transactional, and that counts for its invitations, which came before
transactional_invitations as (

    select
        'voice' as domain,
        'nps.responses' as table_name,
        {{ content_of(["'transactional'", 'invitations.survey_id']) }} as row_key,
        min(invitations.sent_on) as valid_from,
        cast(null as date) as valid_to,
        '' as content
    from {{ ref('stg_nps__invitations') }} as invitations
    inner join transactional_surveys
        on transactional_surveys.survey_id = invitations.survey_id
    where {{ is_changed('nps.responses') }}
    group by invitations.survey_id

)

select * from account_versions
union all
select * from first_sightings
union all
select * from input_days
union all
select * from attribute_intervals
union all
select * from contact_versions
union all
select * from touchpoints
union all
select * from discovery_answers
union all
select * from lines
union all
select * from rates
union all
select * from merged_accounts
union all
select * from responses
union all
select * from invitations
union all
select * from transactional_invitations
