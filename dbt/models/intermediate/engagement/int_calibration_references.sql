{{ config(materialized='view', enabled=var('calibrate', false), tags=['calibration']) }}

-- the references of use and engagement that a window gives, in the shape of ops.score_references
{%- set from_on = "cast('" ~ var('calibrate_from', '1900-01-01') ~ "' as date)" %}
{%- set to_on = "cast('" ~ var('calibrate_to', '1900-01-01') ~ "' as date)" %}
with person_raw as (

    select * from {{ ref('int_person_raw_calibration') }}

),

use_daily as (

    select * from {{ ref('int_use_daily') }}
    where as_of_on between {{ from_on }} and {{ to_on }} and depth_micro > 0

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on between {{ from_on }} and {{ to_on }} and not is_internal

),

versions as (

    select * from {{ ref('scoring_versions') }}
    where status in ('current', 'candidate')

),

person_reference as (

    select
        person_raw.scoring_version,
        'person_raw_p95' as reference,
        percentile_disc(0.95) within group (order by person_raw.raw_micro) as value,
        count(*) as n
    from person_raw
    inner join account_days
        on account_days.account_id = person_raw.account_id and account_days.as_of_on = person_raw.as_of_on
    group by person_raw.scoring_version

),

depth_reference as (

    select
        versions.scoring_version,
        'depth_p95' as reference,
        percentile_disc(0.95) within group (order by use_daily.depth_micro) as value,
        count(*) as n
    from use_daily
    inner join account_days
        on account_days.account_id = use_daily.account_id and account_days.as_of_on = use_daily.as_of_on
    cross join versions
    group by versions.scoring_version

),

all_references as (

    select * from person_reference
    union all
    select * from depth_reference

)

select
    scoring_version,
    reference,
    'all' as reference_group,
    cast(value as bigint) as value,
    cast(n as bigint) as n,
    {{ from_on }} as from_on,
    {{ to_on }} as to_on
from all_references
