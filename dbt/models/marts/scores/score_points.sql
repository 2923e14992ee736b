-- sqlfluff:exclude_rules:LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

{%- set components = health_components() %}
with changes as (

    select * from {{ ref('int_health_changes_daily') }}
    where as_of_on > {{ as_of() }} - 90 or is_turning_point

),

-- the lines of the ledger: one CTE read once, so that a reader who asks for one day has one day computed
ledger_lines as (
    {% for component in components + ['data', 'configuration', 'floor'] %}
    select '{{ component }}' as component
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

lines as (

    select
        changes.account_id,
        changes.as_of_on,
        changes.scoring_version,
        ledger_lines.component,
        changes.floor_change_bp,
        {%- for column in ['value_micro', 'value_micro_before', 'weight_milli', 'points_bp'] %}
        case ledger_lines.component
            {%- for component in components %}
            when '{{ component }}' then changes.{{ component }}_{{ column }}
            {%- endfor %}
        end as {{ column }},
        {%- endfor %}
        case ledger_lines.component
            {%- for component in components %}
            when '{{ component }}' then changes.{{ component }}_change_bp
            {%- endfor %}
            when 'data'
                then changes.health_change_bp - (changes.{{ components | join('_change_bp + changes.') }}_change_bp)
            -- the weights of a version never change: a change of weights is a new version; a floor moves risk alone
            else 0 * changes.health_change_bp
        end as health_change_bp
    from changes
    cross join ledger_lines

)

select
    account_id,
    as_of_on,
    scoring_version,
    component,
    cast(value_micro as bigint) as value_micro,
    cast(value_micro_before as bigint) as value_micro_before,
    cast(weight_milli as bigint) as weight_milli,
    cast(points_bp as bigint) as points_bp,
    cast(health_change_bp as bigint) as health_change_bp,
    cast(case when component = 'floor' then floor_change_bp else -health_change_bp end as bigint) as risk_change_bp
from lines
