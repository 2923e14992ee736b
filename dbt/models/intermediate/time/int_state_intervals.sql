-- One row per input row and interval in which its content holds: the terms of a line, the answer of a person,
-- the rate of a day. What differs from the last complete run says from which day each domain must be recomputed.
with account_versions as (

    select
        'people' as domain,
        'crm.accounts' as table_name,
        concat_ws('|', _feed, account_id) as row_key,
        valid_from,
        valid_to,
        content
    from {{ ref('int_account_versions') }}

),

contact_versions as (

    select
        'people' as domain,
        'crm.contacts' as table_name,
        concat_ws('|', _feed, account_id, user_id, buying_role) as row_key,
        valid_from,
        valid_to,
        content
    from {{ ref('int_contact_versions') }}

),

touchpoints as (

    select
        'people' as domain,
        'crm.touchpoints' as table_name,
        concat_ws('|', touchpoint_id, account_id, user_id, kind, cast(occurred_at as varchar)) as row_key,
        occurred_on as valid_from,
        cast(null as date) as valid_to,
        concat_ws('|', channel, cast(is_prompted as varchar), cast(sentiment as varchar), stage, content_id) as content
    from {{ ref('stg_crm__touchpoints') }}

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

),

responses as (

    select
        'voice' as domain,
        'nps.responses' as table_name,
        concat_ws('|', response_id, account_id, user_id, cast(responded_at as varchar)) as row_key,
        responded_on as valid_from,
        cast(null as date) as valid_to,
        concat_ws('|', cast(score as varchar), comment, survey_id, survey_kind) as content
    from {{ ref('stg_nps__responses') }}

),

invitations as (

    select
        'voice' as domain,
        'nps.invitations' as table_name,
        concat_ws('|', survey_id, account_id, user_id, cast(sent_at as varchar)) as row_key,
        sent_on as valid_from,
        cast(null as date) as valid_to,
        '' as content
    from {{ ref('stg_nps__invitations') }}

)

select * from account_versions
union all
select * from contact_versions
union all
select * from touchpoints
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
