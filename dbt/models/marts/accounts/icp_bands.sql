-- how well customers with a value of an attribute are retained, beside the points that the value is given
with cohort as (

    select * from {{ ref('int_icp_cohort') }}

),

account_values as (

    select * from {{ ref('int_icp_values') }}

),

current_version as (

    select * from {{ ref('scoring_versions') }}
    where status = 'current'

),

points as (

    select
        icp_points.attribute,
        icp_points.value,
        icp_points.points
    from {{ ref('icp_points') }} as icp_points
    inner join current_version
        on current_version.scoring_version = icp_points.scoring_version

),

parameters as (

    select
        segment_parameters.scoring_version,
        {{ parameter_columns(['band_min_n']) }}
    from {{ ref('segment_parameters') }} as segment_parameters
    inner join current_version
        on current_version.scoring_version = segment_parameters.scoring_version
    where segment_parameters.axis = 'fit'
    group by segment_parameters.scoring_version

),

intervals as (

    select confidence_z as z from {{ ref('int_money_parameters') }}

),

-- spelt as its first in order
counted as (

    select
        attribute,
        min(value) as value,
        cast(count(*) as integer) as accounts,
        cast(count(case when is_retained then 1 end) as integer) as retained_accounts
    from account_values
    group by
        attribute,
        lower(value)

),

everybody as (

    select
        min(observed_from_on) as observed_from_on,
        cast(count(*) as integer) as accounts,
        cast(count(case when is_retained then 1 end) as integer) as retained_accounts
    from cohort

),

bands as (

    select
        coalesce(counted.attribute, points.attribute) as attribute,
        coalesce(counted.value, points.value) as value,
        coalesce(counted.accounts, 0) as accounts,
        coalesce(counted.retained_accounts, 0) as retained_accounts,
        points.points
    from counted
    full outer join points
        on points.attribute = counted.attribute and lower(points.value) = lower(counted.value)

)

select
    bands.attribute,
    bands.value,
    bands.points,
    everybody.observed_from_on,
    bands.accounts,
    bands.retained_accounts,
    case
        when bands.accounts >= parameters.band_min_n
            then {{ share_micro('bands.retained_accounts', 'bands.accounts') }}
    end as retained_share_micro,
    case
        when bands.accounts >= parameters.band_min_n
            then {{ wilson_micro('bands.retained_accounts', 'bands.accounts', 'intervals.z', 'low') }}
    end as retained_low_micro,
    case
        when bands.accounts >= parameters.band_min_n
            then {{ wilson_micro('bands.retained_accounts', 'bands.accounts', 'intervals.z', 'high') }}
    end as retained_high_micro,
    {{ share_micro('everybody.retained_accounts', 'everybody.accounts') }} as retained_share_all_micro,
    case
        when bands.accounts < parameters.band_min_n
            then concat('fewer than ', parameters.band_min_n, ' accounts')
    end as unknown_because
from bands
cross join everybody
cross join parameters
cross join intervals
