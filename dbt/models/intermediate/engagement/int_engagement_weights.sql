-- The most specific row of the seed for each kind, role and stage that occurs: role before stage, any last.
-- A kind of use without a row takes that of use; any other kind without one weighs nothing.
with versions as (

    select * from {{ ref('scoring_versions') }}
    where status in ('current', 'candidate')

),

weights as (

    select * from {{ ref('engagement_weights') }}

),

roles as (

    select distinct buying_role from {{ ref('role_parts') }}

),

kinds as (

    select
        kind,
        kind as weight_kind,
        false as is_use
    from {{ ref('engagement_weights') }}
    union
    select
        kind,
        kind as weight_kind,
        true as is_use
    from {{ source('ops', 'event_catalogue') }}
    union
    select
        kind,
        'use' as weight_kind,
        true as is_use
    from {{ source('ops', 'event_catalogue') }}
    union
    select
        'use' as kind,
        'use' as weight_kind,
        true as is_use

),

stages as (

    select 'any' as stage
    union
    select stage from {{ ref('engagement_weights') }}

),

-- stages that the seed does not name share the row of any
candidates as (

    select
        versions.scoring_version,
        kinds.kind,
        kinds.is_use,
        roles.buying_role,
        stages.stage,
        weights.half_life_days,
        weights.daily_cap,
        cast(weights.weight * 1000000 as bigint) as weight_micro,
        row_number() over (
            partition by versions.scoring_version, kinds.kind, kinds.is_use, roles.buying_role, stages.stage
            order by
                case when kinds.weight_kind = kinds.kind then 0 else 1 end,
                case when weights.buying_role = 'any' then 1 else 0 end,
                case when weights.stage = 'any' then 1 else 0 end
        ) as preference
    from versions
    cross join kinds
    cross join roles
    cross join stages
    inner join weights
        on
            weights.scoring_version = versions.scoring_version
            and weights.kind = kinds.weight_kind
            and weights.buying_role in (roles.buying_role, 'any')
            and weights.stage in (stages.stage, 'any')

),

half_lives as (

    select
        scoring_version,
        min(half_life_days) as short_half_life_days,
        max(half_life_days) as long_half_life_days
    from weights
    group by scoring_version

)

select
    candidates.scoring_version,
    candidates.kind,
    candidates.is_use,
    candidates.buying_role,
    candidates.stage,
    candidates.weight_micro,
    candidates.daily_cap,
    half_lives.short_half_life_days,
    half_lives.long_half_life_days,
    candidates.half_life_days = half_lives.short_half_life_days as is_short
from candidates
inner join half_lives on half_lives.scoring_version = candidates.scoring_version
where candidates.preference = 1
