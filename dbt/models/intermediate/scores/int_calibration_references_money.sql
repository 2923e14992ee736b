{{ config(materialized='view', enabled=var('calibrate', false), tags=['calibration']) }}

-- the references of money that a window gives, in the shape of ops.score_references;
-- n counts accounts, the values are taken over their paying days
{%- set from_on = "cast('" ~ var('calibrate_from', '1900-01-01') ~ "' as date)" %}
{%- set to_on = "cast('" ~ var('calibrate_to', '1900-01-01') ~ "' as date)" %}
with billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on between {{ from_on }} and {{ to_on }} and mrr > 0

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on between {{ from_on }} and {{ to_on }} and not is_internal

),

profiles as (

    select * from {{ ref('int_account_profiles') }}

),

versions as (

    select
        scoring_versions.scoring_version,
        {{ parameter_columns(['reference_group_min_n']) }}
    from {{ ref('scoring_versions') }} as scoring_versions
    inner join {{ ref('growth_parameters') }} as growth_parameters
        on growth_parameters.scoring_version = scoring_versions.scoring_version
    where scoring_versions.status in ('current', 'candidate')
    group by scoring_versions.scoring_version

),

paying_days as (

    select
        billing.account_id,
        billing.mrr,
        coalesce(profiles.customer_type, 'unknown') || '|' || coalesce(profiles.size_band, 'unknown') as reference_group
    from billing
    inner join account_days
        on account_days.account_id = billing.account_id and account_days.as_of_on = billing.as_of_on
    left join profiles
        on
            profiles.account_id = billing.account_id
            and profiles.valid_from <= billing.as_of_on
            and {{ open_ended('profiles.valid_to') }} > billing.as_of_on

),

grouped as (

    select
        'mrr_p90' as reference,
        reference_group,
        percentile_disc(0.9) within group (order by mrr) as value,
        count(distinct account_id) as n
    from paying_days
    group by reference_group
    union all
    select
        'mrr_p90' as reference,
        'all' as reference_group,
        percentile_disc(0.9) within group (order by mrr) as value,
        count(distinct account_id) as n
    from paying_days
    union all
    select
        'arr_p80' as reference,
        'all' as reference_group,
        percentile_disc(0.8) within group (order by 12 * mrr) as value,
        count(distinct account_id) as n
    from paying_days
    union all
    select
        'mrr_median' as reference,
        'all' as reference_group,
        percentile_disc(0.5) within group (order by mrr) as value,
        count(distinct account_id) as n
    from paying_days

)

select
    versions.scoring_version,
    grouped.reference,
    grouped.reference_group,
    cast(grouped.value as bigint) as value,
    cast(grouped.n as bigint) as n,
    {{ from_on }} as from_on,
    {{ to_on }} as to_on
from grouped
cross join versions
where
    grouped.n > 0
    and (grouped.reference_group = 'all' or grouped.n >= versions.reference_group_min_n)
