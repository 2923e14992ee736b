-- what the CRM says of an account while it says it; of several CRM feeds the first by name speaks
with account_versions as (

    select * from {{ ref('int_account_versions') }}

),

size_bands as (

    select * from {{ ref('size_bands') }}

),

speaking_feeds as (

    select
        account_id,
        min(_feed) as _feed
    from account_versions
    group by account_id

)

select
    account_versions.account_id,
    account_versions.valid_from,
    account_versions.valid_to,
    account_versions.name,
    account_versions.industry,
    account_versions.region,
    account_versions.country,
    account_versions.timezone,
    account_versions.language,
    coalesce(account_versions.customer_type, 'unknown') as customer_type,
    account_versions.employee_count,
    coalesce(size_bands.size_band, 'unknown') as size_band,
    account_versions.potential_seats,
    account_versions.business_model,
    account_versions.life_stage,
    account_versions.parent_account_id,
    account_versions.created_on,
    account_versions.lead_source,
    account_versions.csm_owner,
    account_versions.account_owner,
    account_versions.touch_preference,
    account_versions.usage_cadence
from account_versions
inner join speaking_feeds
    on speaking_feeds.account_id = account_versions.account_id and speaking_feeds._feed = account_versions._feed
left join size_bands
    on
        size_bands.employees_from <= account_versions.employee_count
        and (size_bands.employees_to is null or size_bands.employees_to >= account_versions.employee_count)
