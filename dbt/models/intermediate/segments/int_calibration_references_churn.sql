{{ config(materialized='view', enabled=var('calibrate', false), tags=['calibration']) }}

-- yearly logo churn that a window gives, in the shape of ops.score_references: of the accounts that paid on its first
-- day, those that had churned on its last, as 1 - (1 - share)^(365 / days); n counts the churns
{%- set from_on = "cast('" ~ var('calibrate_from', '1900-01-01') ~ "' as date)" %}
{%- set to_on = "cast('" ~ var('calibrate_to', '1900-01-01') ~ "' as date)" %}
with billing as (

    select * from {{ ref('int_billing_daily') }}
    where as_of_on in ({{ from_on }}, {{ to_on }})

),

-- an account that was merged has no day on the last day, and has not churned
account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on = {{ to_on }} and not is_internal

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

versions as (

    select * from {{ ref('scoring_versions') }}
    where status in ('current', 'candidate')

),

counted as (

    select
        count(*) as accounts,
        count(case when {{ is_churned('ends') }} then 1 end) as churns
    from billing as starts
    inner join account_days
        on account_days.account_id = starts.account_id
    inner join billing as ends
        on ends.account_id = starts.account_id and ends.as_of_on = {{ to_on }}
    where starts.as_of_on = {{ from_on }} and starts.is_paying

)

select
    versions.scoring_version,
    'logo_churn_year' as reference,
    'all' as reference_group,
    {{ micro(
        "1 - power(1 - counted.churns / cast(nullif(counted.accounts, 0) as double),"
        ~ " parameters.days_a_year / cast(nullif(" ~ days_between(from_on, to_on) ~ ", 0) as double))"
    ) }} as value,
    cast(counted.churns as bigint) as n,
    {{ from_on }} as from_on,
    {{ to_on }} as to_on
from counted
cross join parameters
cross join versions
where counted.churns > 0 and {{ from_on }} < {{ to_on }}
