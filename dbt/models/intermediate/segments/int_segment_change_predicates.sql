-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what turned between the day before the decisive days and the day of a change
{%- set axes = segment_predicates() %}
with changes as (

    select * from {{ ref('int_segment_changes') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

meanings as (

    select * from {{ ref('segment_predicates') }}

),

stage_parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'onboarding_days', 'mature_utilisation', 'mature_breadth', 'mature_growth', 'growth_breadth',
            'pillar_rating'
        ]) }}
    from {{ ref('segment_parameters') }}
    where axis in ('lifecycle', 'fit')
    group by scoring_version

),

borders as (

    select
        scoring_version,
        max(case when border = 'risk' then enter_at end) as risk_enter_at,
        max(case when border = 'risk' then exit_at end) as risk_exit_at,
        max(case when border = 'growth' then enter_at end) as growth_enter_at,
        max(case when border = 'growth' then exit_at end) as growth_exit_at
    from {{ ref('segment_borders') }}
    where axis = 'playbook'
    group by scoring_version

),

parameters as (

    select
        stage_parameters.*,
        borders.risk_enter_at,
        borders.risk_exit_at,
        borders.growth_enter_at,
        borders.growth_exit_at
    from stage_parameters
    inner join borders
        on borders.scoring_version = stage_parameters.scoring_version

),
{%- for axis, predicates in axes.items() %}

{{ axis }}_pairs as (

    select
        changes.account_id,
        changes.as_of_on,
        changes.scoring_version,
        changes.compared_on
        {%- for name, predicate in predicates.items() %},
        coalesce({{ on_day(predicate.holds, 'earlier') }}, false) as {{ name }}_held,
        coalesce({{ on_day(predicate.holds, 'later') }}, false) as {{ name }}_holds,
        {{ on_day(predicate.figure, 'earlier') }} as {{ name }}_was,
        {{ on_day(predicate.figure, 'later') }} as {{ name }}_is,
        {{ predicate.line or 'cast(null as varchar)' }} as {{ name }}_line,
        coalesce({{ predicate.by_time or 'false' }}, false) as {{ name }}_by_time
        {%- endfor %}
    from changes
    inner join parameters
        on parameters.scoring_version = changes.scoring_version
    {%- for moment, on_column in [('earlier', 'compared_on'), ('later', 'as_of_on')] %}
    inner join {{ ref('account_segments_daily') }} as {{ moment }}
        on
            {{ moment }}.account_id = changes.account_id
            and {{ moment }}.scoring_version = changes.scoring_version
            and {{ moment }}.as_of_on = changes.{{ on_column }}
            and {{ moment }}.as_of_on >= {{ first_compared_on() }}
    inner join {{ ref('int_' ~ axis ~ '_daily') }} as {{ moment }}_axis
        on
            {{ moment }}_axis.account_id = changes.account_id
            and {{ moment }}_axis.scoring_version = changes.scoring_version
            and {{ moment }}_axis.as_of_on = changes.{{ on_column }}
            and {{ moment }}_axis.as_of_on >= {{ first_compared_on() }}
    {%- endfor %}
    where changes.axis = '{{ axis }}'

),
{%- endfor %}

turned as (

    {%- for axis, predicates in axes.items() %}
    {%- set is_last_axis = loop.last %}
    {%- for name in predicates %}
    select
        account_id,
        as_of_on,
        scoring_version,
        compared_on,
        '{{ axis }}' as axis,
        '{{ name }}' as predicate,
        {{ name }}_holds as holds,
        {{ name }}_was as was_figure,
        {{ name }}_is as is_figure,
        {{ name }}_line as line,
        {{ name }}_by_time as is_by_time
    from {{ axis }}_pairs
    where {{ name }}_held <> {{ name }}_holds
    {% if not (loop.last and is_last_axis) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}

)

select
    turned.account_id,
    turned.as_of_on,
    turned.scoring_version,
    turned.compared_on,
    turned.axis,
    turned.predicate,
    meanings.rank,
    nullif(meanings.score, '') as score,
    turned.holds,
    case when turned.is_by_time then 'time' else meanings.cause end as cause,
    concat(
        meanings.meaning,
        coalesce(' ' || turned.line, ''),
        case when turned.holds then ': no (' else ': yes (' end,
        coalesce(turned.was_figure, 'unknown'),
        case when turned.holds then ') to yes (' else ') to no (' end,
        coalesce(turned.is_figure, 'unknown'),
        ')'
    ) as driver
from turned
left join meanings
    on meanings.axis = turned.axis and meanings.predicate = turned.predicate
order by turned.as_of_on
