{{ config(materialized='view') }}

-- each candidate of headroom and of readiness, null where it is not known
with inputs as (

    select * from {{ ref('int_growth_inputs_daily') }}

),

-- a catalogue that ties no core feature to a plan cannot tell what an account does not have
catalogue as (

    select
        cast(count(distinct event_name) as integer) as core_features,
        coalesce(max(case when plans is not null then 1 end), 0) = 1 as is_tied_to_plans
    from {{ source('ops', 'event_catalogue') }}
    where is_core

),

mrr_references as (

    select
        scoring_version,
        reference_group,
        n,
        value as mrr_p90
    from {{ source('ops', 'score_references') }}
    where reference = 'mrr_p90'

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'reference_group_min_n', 'pressure_from', 'pressure_range', 'growth_offset', 'growth_range',
            'growth_known_from_days', 'expansion_full', 'champion_with_role', 'champion_role_unknown'
        ]) }}
    from {{ ref('growth_parameters') }}
    group by scoring_version

),

referenced as (

    select
        inputs.*,
        parameters.pressure_from,
        parameters.pressure_range,
        parameters.growth_offset,
        parameters.growth_range,
        parameters.growth_known_from_days,
        parameters.expansion_full,
        parameters.champion_with_role,
        parameters.champion_role_unknown,
        catalogue.core_features,
        catalogue.is_tied_to_plans,
        coalesce(group_references.mrr_p90, all_references.mrr_p90) as mrr_p90
    from inputs
    inner join parameters
        on parameters.scoring_version = inputs.scoring_version
    cross join catalogue
    left join mrr_references as group_references
        on
            group_references.scoring_version = inputs.scoring_version
            and group_references.reference_group = inputs.reference_group
            and group_references.n >= parameters.reference_group_min_n
    left join mrr_references as all_references
        on
            all_references.scoring_version = inputs.scoring_version
            and all_references.reference_group = 'all'

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_usage_stale,
    is_billing_stale,
    stale_since_on,
    is_churned,
    case
        when potential_seats > 0 and seats is not null
            then {{ micro("1 - seats / cast(greatest(potential_seats, seats, coalesce(mau, 0)) as double)") }}
    end as seat_room_micro,
    case
        when is_tied_to_plans and core_features_entitled is not null
            then {{ micro(clip("1 - core_features_entitled / cast(core_features as double)")) }}
    end as feature_room_micro,
    case
        when mrr_p90 is not null and greatest(mrr, mrr_p90) > 0
            then {{ micro("1 - mrr / cast(greatest(mrr, mrr_p90) as double)") }}
    end as mrr_room_micro,
    {{ micro(clip("(seat_utilisation_micro / 1e6 - pressure_from) / pressure_range")) }} as seat_pressure_micro,
    case
        when usage_known_days >= growth_known_from_days
            then {{ micro(clip("(doublings_micro / 1e6 + growth_offset) / growth_range")) }}
    end as usage_growth_micro,
    case
        when mrr_365d_ago > 0
            then {{ micro(clip("expansion_mrr_365d / cast(mrr_365d_ago as double) / expansion_full")) }}
    end as expansion_micro,
    case
        when has_key_champion then {{ micro("champion_with_role") }}
        when has_roleless_champion then {{ micro("champion_role_unknown") }}
        when is_voice_fresh then 0
    end as champion_micro
from referenced
