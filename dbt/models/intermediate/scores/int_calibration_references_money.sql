{{ config(materialized='view', enabled=var('calibrate', false), tags=['calibration']) }}

-- the references of money that a window gives, in the shape of ops.score_references;
-- n counts accounts, the values are taken over their paying days; the percentiles of ARR are those that borders name
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

arr_percentiles as (

    select
        scoring_version,
        cast(enter_at as integer) as percentile
    from {{ ref('segment_borders') }}
    where unit = 'percentile'
    union
    select
        scoring_version,
        cast(exit_at as integer) as percentile
    from {{ ref('segment_borders') }}
    where unit = 'percentile'

),

numbered as (

    select
        12 * mrr as arr,
        row_number() over (order by mrr) as place,
        count(*) over () as places
    from paying_days

),

payers as (

    select cast(count(distinct account_id) as bigint) as n from paying_days

),

-- the first amount that at least so many percent of the days do not exceed
arr_references as (

    select
        arr_percentiles.scoring_version,
        {{ arr_reference('arr_percentiles.percentile') }} as reference,
        numbered.arr as value
    from arr_percentiles
    inner join numbered
        on numbered.place = {{ whole_division('(numbered.places * arr_percentiles.percentile + 99)', '100') }}

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
union all
select
    versions.scoring_version,
    arr_references.reference,
    'all' as reference_group,
    cast(arr_references.value as bigint) as value,
    payers.n,
    {{ from_on }} as from_on,
    {{ to_on }} as to_on
from arr_references
cross join payers
inner join versions
    on versions.scoring_version = arr_references.scoring_version
