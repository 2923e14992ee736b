{{ config(materialized='incremental', replace_days_domain='scores') }}

{%- set score_columns = ['measured_on'] -%}
{%- for component in health_components() -%}
    {%- do score_columns.extend([
        component ~ '_value_micro', component ~ '_weight_milli', component ~ '_points_bp'
    ]) -%}
{%- endfor -%}
{%- do score_columns.extend([
    'health_bp', 'floor_name', 'floor_bp', 'floor_points_bp', 'risk_bp', 'confidence_micro'
]) %}

with scored as (

    select * from {{ ref('int_health_scores_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

-- the last scores before this window, for accounts that had churned before it
kept as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        as_of_on,
        {{ score_columns | join(',\n        ') }}
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        as_of_on,
        {{ score_columns | join(',\n        ') }}
    from scored
    where as_of_on < {{ recompute_from('scores') }}
    {%- endif %}

),

last_scored as (

    select
        account_id,
        as_of_on,
        scoring_version,
        is_churned,
        coalesce(
            max(case when not is_churned then as_of_on end) over (
                partition by account_id, scoring_version
                order by as_of_on rows between unbounded preceding and current row
            ),
            {{ recompute_from('scores') }} - 1
        ) as scored_on
    from scored

),

candidates as (

    select
        account_id,
        scoring_version,
        as_of_on,
        {{ score_columns | join(',\n        ') }}
    from scored
    where not is_churned
    union all
    select * from kept

),

all_days as (

    select
        account_id,
        scoring_version,
        as_of_on,
        status,
        status_reason,
        stale_since_on,
        {{ score_columns | join(',\n        ') }}
    from scored
    where not is_churned
    union all
    select
        last_scored.account_id,
        last_scored.scoring_version,
        last_scored.as_of_on,
        'churned' as status,
        cast(null as varchar) as status_reason,
        cast(null as date) as stale_since_on,
        candidates.{{ score_columns | join(',\n        candidates.') }}
    from last_scored
    left join candidates
        on
            candidates.account_id = last_scored.account_id
            and candidates.scoring_version = last_scored.scoring_version
            and candidates.as_of_on = last_scored.scored_on
    where last_scored.is_churned

)

select
    account_id,
    as_of_on,
    scoring_version,
    status,
    status_reason,
    stale_since_on,
    measured_on,
    {%- for component in health_components() %}
    {{ component }}_value_micro,
    {{ component }}_weight_milli,
    {{ component }}_points_bp,
    {%- endfor %}
    health_bp,
    {{ hundredths('health_bp / 1e2') }} as health_score,
    floor_name,
    floor_bp,
    floor_points_bp,
    risk_bp,
    {{ hundredths('risk_bp / 1e2') }} as risk_score,
    confidence_micro
from all_days
