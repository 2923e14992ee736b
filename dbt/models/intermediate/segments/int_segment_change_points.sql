-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- why a score moved between the two days of a change: lines that sum to its change, with nothing left over
{%- set components = health_components() %}
{%- set keys = ['account_id', 'as_of_on', 'scoring_version', 'compared_on', 'axis', 'predicate'] %}
with turned as (

    select * from {{ ref('int_segment_change_predicates') }}
    where as_of_on >= {{ recompute_from('scores') }} and score is not null

),

health as (

    select * from {{ ref('health_daily') }}
    where as_of_on >= {{ first_compared_on() }}

),

growth as (

    select * from {{ ref('growth_potential_daily') }}
    where as_of_on >= {{ first_compared_on() }}

),

pairs as (

    select
        turned.{{ keys | join(',\n        turned.') }},
        {{ health_side_by_side() }}
    from turned
    inner join health
        on
            health.account_id = turned.account_id
            and health.scoring_version = turned.scoring_version
            and health.as_of_on = turned.as_of_on
    inner join health as health_before
        on
            health_before.account_id = turned.account_id
            and health_before.scoring_version = turned.scoring_version
            and health_before.as_of_on = turned.compared_on
    where turned.score = 'risk'

),

{{ health_changes(keys) }},

-- where the same things are measured on both days, only the age of an answer re-weights them
weighed as (

    select
        *,
        health_change_bp - ({{ components | join('_change_bp + ') }}_change_bp) as data_change_bp,
        {% for component in components -%}
        {% if not loop.first %}and {% endif %}({{ component }}_value_micro is null) = ({{ component }}_value_micro_before is null)
        {% endfor -%}
        as is_same_measured
    from changed
    where health_change_bp is not null

),

rooms as (

    select
        turned.{{ keys | join(',\n        turned.') }},
        growth.growth_bp,
        growth_before.growth_bp as growth_bp_before,
        -- today's headroom with the readiness of then lies between the two scores
        cast(round(1e-2 * sqrt(
            cast(growth.headroom_micro as double) * growth_before.readiness_micro
        )) as bigint) as growth_bp_between
    from turned
    inner join growth
        on
            growth.account_id = turned.account_id
            and growth.scoring_version = turned.scoring_version
            and growth.as_of_on = turned.as_of_on
    inner join growth as growth_before
        on
            growth_before.account_id = turned.account_id
            and growth_before.scoring_version = turned.scoring_version
            and growth_before.as_of_on = turned.compared_on
    where turned.score = 'growth' and growth.growth_bp is not null and growth_before.growth_bp is not null

),

lines as (

    {%- for component in components %}
    select
        {{ keys | join(',\n        ') }},
        {{ loop.index }} as rank,
        'risk' as score,
        '{{ component }}' as line,
        {{ component }}_points_bp_before as was_points_bp,
        {{ component }}_points_bp as is_points_bp,
        -{{ component }}_change_bp as change_bp,
        'customer' as cause
    from weighed
    union all
    {%- endfor %}
    select
        {{ keys | join(',\n        ') }},
        {{ components | length + 1 }} as rank,
        'risk' as score,
        'data' as line,
        cast(null as bigint) as was_points_bp,
        cast(null as bigint) as is_points_bp,
        -data_change_bp as change_bp,
        case when is_same_measured then 'time' else 'data' end as cause
    from weighed
    union all
    select
        {{ keys | join(',\n        ') }},
        {{ components | length + 2 }} as rank,
        'risk' as score,
        'floor' as line,
        cast(null as bigint) as was_points_bp,
        cast(null as bigint) as is_points_bp,
        floor_change_bp as change_bp,
        'customer' as cause
    from weighed
    union all
    select
        {{ keys | join(',\n        ') }},
        1 as rank,
        'growth' as score,
        'headroom' as line,
        growth_bp_before as was_points_bp,
        growth_bp_between as is_points_bp,
        growth_bp_between - growth_bp_before as change_bp,
        'customer' as cause
    from rooms
    union all
    select
        {{ keys | join(',\n        ') }},
        2 as rank,
        'growth' as score,
        'readiness' as line,
        growth_bp_between as was_points_bp,
        growth_bp as is_points_bp,
        growth_bp - growth_bp_between as change_bp,
        'customer' as cause
    from rooms

)

select * from lines
order by as_of_on
