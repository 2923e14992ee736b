-- what the CRM says of an account while it says it; of several CRM feeds the first by name speaks
with account_versions as (

    select * from {{ ref('int_account_versions') }}

),

size_bands as (

    select * from {{ ref('size_bands') }}

),

breaks as (

    select
        account_id,
        valid_from as break_on
    from account_versions
    union
    select
        account_id,
        valid_to as break_on
    from account_versions
    where valid_to is not null

),

spans as (

    select
        account_id,
        break_on as valid_from,
        lead(break_on) over (partition by account_id order by break_on) as valid_to
    from breaks

),

spoken as (

    select
        account_versions.*,
        spans.valid_from as spoken_from,
        spans.valid_to as spoken_to,
        row_number() over (
            partition by spans.account_id, spans.valid_from order by account_versions._feed
        ) as later_feeds
    from spans
    inner join account_versions
        on
            account_versions.account_id = spans.account_id
            and account_versions.valid_from <= spans.valid_from
            and {{ open_ended('account_versions.valid_to') }} > spans.valid_from

)

select
    spoken.account_id,
    spoken.spoken_from as valid_from,
    spoken.spoken_to as valid_to,
    spoken.name,
    spoken.industry,
    spoken.region,
    spoken.country,
    spoken.timezone,
    spoken.language,
    coalesce(spoken.customer_type, 'unknown') as customer_type,
    spoken.employee_count,
    coalesce(size_bands.size_band, 'unknown') as size_band,
    spoken.potential_seats,
    spoken.business_model,
    spoken.life_stage,
    spoken.parent_account_id,
    spoken.created_on,
    spoken.lead_source,
    spoken.csm_owner,
    spoken.account_owner,
    spoken.touch_preference,
    spoken.usage_cadence
from spoken
left join size_bands
    on
        size_bands.employees_from <= spoken.employee_count
        and (size_bands.employees_to is null or size_bands.employees_to >= spoken.employee_count)
where spoken.later_feeds = 1
