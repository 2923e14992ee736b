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
    where as_of_on >= {{ recompute_from('scores') }} and not is_churned

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

-- days of churn follow each other, so a day less its number is the same for all days since the last score
churned_days as (

    select
        account_id,
        scoring_version,
        as_of_on,
        as_of_on - cast(row_number() over (
            partition by account_id, scoring_version order by as_of_on
        ) as integer) as run_on
    from {{ ref('int_health_scores_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and is_churned

),

last_scored as (

    select
        account_id,
        scoring_version,
        as_of_on,
        min(as_of_on) over (partition by account_id, scoring_version, run_on) - 1 as scored_on
    from churned_days

),

churns as (

    select distinct
        account_id,
        scoring_version,
        scored_on
    from last_scored
    where scored_on >= {{ recompute_from('scores') }}

),

last_scores as (

    select
        scored.account_id,
        scored.scoring_version,
        scored.as_of_on,
        scored.{{ score_columns | join(',\n        scored.') }}
    from {{ ref('int_health_scores_daily') }} as scored
    inner join churns
        on
            churns.account_id = scored.account_id
            and churns.scoring_version = scored.scoring_version
            and churns.scored_on = scored.as_of_on
    where scored.as_of_on >= {{ recompute_from('scores') }}
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
    union all
    select
        last_scored.account_id,
        last_scored.scoring_version,
        last_scored.as_of_on,
        'churned' as status,
        cast(null as varchar) as status_reason,
        cast(null as date) as stale_since_on,
        last_scores.{{ score_columns | join(',\n        last_scores.') }}
    from last_scored
    left join last_scores
        on
            last_scores.account_id = last_scored.account_id
            and last_scores.scoring_version = last_scored.scoring_version
            and last_scores.as_of_on = last_scored.scored_on

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
