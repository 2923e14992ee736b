-- what each scoring version that is scored needs, on one row
with versions as (

    select * from {{ ref('scoring_versions') }}
    where status in ('current', 'candidate')

),

parameters as (

    select
        scoring_version,
        {{ seed_values(['user_seat_share_micro', 'minimum_people']) }}
    from {{ ref('engagement_parameters') }}
    group by scoring_version

),

user_parts as (

    select * from {{ ref('role_parts') }}
    where buying_role = 'user'

),

person_references as (

    select
        scoring_version,
        max(value) as person_reference_micro
    from {{ source('ops', 'score_references') }}
    where reference = 'person_raw_p95' and reference_group = 'all'
    group by scoring_version

)

select
    versions.scoring_version,
    parameters.user_seat_share_micro,
    parameters.minimum_people,
    user_parts.parts as user_parts,
    person_references.person_reference_micro
from versions
inner join parameters on parameters.scoring_version = versions.scoring_version
inner join user_parts on user_parts.scoring_version = versions.scoring_version
left join person_references on person_references.scoring_version = versions.scoring_version
