-- today's match with the ideal customer profile in words: which rules gave points, and what is not known
with account_days as (

    select * from {{ ref('int_account_days') }}
    where as_of_on = {{ as_of() }}

),

versions as (

    select * from {{ ref('scoring_versions') }}

),

points as (

    select * from {{ ref('icp_points') }}

),

judged as (

    select distinct
        scoring_version,
        attribute
    from points

),

attributes as (

    select * from {{ ref('int_account_attributes') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

connections as (

    select coalesce(bool_or(is_connected), false) as is_connected
    from {{ source('ops', 'inputs') }}
    where table_name in ('crm.accounts', 'crm.attributes')

),

told as (

    select
        account_days.account_id,
        versions.scoring_version,
        judged.attribute,
        attributes.value,
        points.points,
        case
            when points.points > 0 then concat(judged.attribute, ' ', attributes.value, ' +', points.points)
            when points.points < 0 then concat(judged.attribute, ' ', attributes.value, ' ', points.points)
        end as rule
    from account_days
    cross join versions
    left join judged
        on judged.scoring_version = versions.scoring_version
    left join attributes
        on attributes.account_id = account_days.account_id and attributes.attribute = judged.attribute
    left join points
        on
            points.scoring_version = judged.scoring_version
            and points.attribute = judged.attribute
            and lower(points.value) = lower(attributes.value)

),

worded as (

    select
        account_id,
        scoring_version,
        {{ ordered_texts('rule', '-points', '; ') }} as rules,
        {{ sorted_texts('case when value is null then attribute end') }} as unknown_attributes,
        count(attribute) as attributes,
        count(value) as attributes_known
    from told
    group by
        account_id,
        scoring_version

)

select
    worded.account_id,
    worded.scoring_version,
    worded.rules,
    worded.unknown_attributes,
    case
        when worded.attributes_known > 0 then null
        when worded.attributes = 0 then 'no attribute has points in icp_points'
        when not connections.is_connected then 'neither crm.accounts nor crm.attributes is connected'
        else 'none of its attributes that have points is known'
    end as unknown_because
from worded
cross join connections
