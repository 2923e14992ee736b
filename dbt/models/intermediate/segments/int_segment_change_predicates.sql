-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what turned between the day before the decisive days and the day of a change
{%- set axes = segment_predicates() %}
{%- set first_on = first_compared_on() %}
{%- set borders = ['risk', 'growth', 'momentum', 'entrant_growth', 'engagement'] %}
with changes as (

    select * from {{ ref('int_segment_changes') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

compared_days as (

    select
        account_id,
        scoring_version,
        axis,
        compared_on as as_of_on
    from changes
    union
    select
        account_id,
        scoring_version,
        axis,
        as_of_on
    from changes

),

meanings as (

    select * from {{ ref('segment_predicates') }}

),

stage_parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'onboarding_days', 'mature_utilisation', 'mature_breadth', 'mature_growth', 'growth_breadth',
            'pillar_rating', 'momentum_paid_days', 'leader_paid_days', 'watch_days', 'entrant_paid_days', 'kept_mrr',
            'loyal_paid_days'
        ]) }}
    from {{ ref('segment_parameters') }}
    where axis in ('lifecycle', 'fit', 'avatar', 'advocacy')
    group by scoring_version

),

borders as (

    select
        scoring_version
        {%- for border in borders %},
        max(case when border = '{{ border }}' then enter_at end) as {{ border }}_enter_at,
        max(case when border = '{{ border }}' then exit_at end) as {{ border }}_exit_at
        {%- endfor %}
    from {{ ref('segment_borders') }}
    group by scoring_version

),

parameters as (

    select
        stage_parameters.*,
        {%- for border in borders %}
        borders.{{ border }}_enter_at,
        borders.{{ border }}_exit_at{{ ',' if not loop.last }}
        {%- endfor %}
    from stage_parameters
    inner join borders
        on borders.scoring_version = stage_parameters.scoring_version

),
{%- for axis, predicates in axes.items() %}
{%- set tables = segment_predicate_tables(axis) %}
{%- for name, table in (tables.on_days or {}).items() %}

{{ axis }}_{{ name }} as (

    select {{ name }}.*
    from {{ ref(table) }} as {{ name }}
    inner join compared_days
        on
            compared_days.account_id = {{ name }}.account_id
            and compared_days.scoring_version = {{ name }}.scoring_version
            and compared_days.as_of_on = {{ name }}.as_of_on
    where compared_days.axis = '{{ axis }}' and {{ name }}.as_of_on >= {{ first_on }}

),
{%- endfor %}

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
        coalesce({{ predicate.by_time or 'false' }}, false) as {{ name }}_by_time,
        coalesce({{ predicate.by_data or 'false' }}, false) as {{ name }}_by_data,
        coalesce({{ predicate.matters or 'true' }}, false) as {{ name }}_matters
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
            and {{ moment }}.as_of_on >= {{ first_on }}
    inner join {{ ref('int_' ~ axis ~ '_daily') }} as {{ moment }}_axis
        on
            {{ moment }}_axis.account_id = changes.account_id
            and {{ moment }}_axis.scoring_version = changes.scoring_version
            and {{ moment }}_axis.as_of_on = changes.{{ on_column }}
            and {{ moment }}_axis.as_of_on >= {{ first_on }}
    {%- for name in tables.on_days or {} %}
    left join {{ axis }}_{{ name }} as {{ moment }}_axis_{{ name }}
        on
            {{ moment }}_axis_{{ name }}.account_id = changes.account_id
            and {{ moment }}_axis_{{ name }}.scoring_version = changes.scoring_version
            and {{ moment }}_axis_{{ name }}.as_of_on = changes.{{ on_column }}
    {%- endfor %}
    {%- endfor %}
    {%- for name, table in (tables.of_changes or {}).items() %}
    left join {{ ref(table) }} as {{ name }}
        on
            {{ name }}.account_id = changes.account_id
            and {{ name }}.scoring_version = changes.scoring_version
            and {{ name }}.as_of_on = changes.as_of_on
    {%- endfor %}
    {%- for name, table in (tables.by_version or {}).items() %}
    left join {{ ref(table) }} as {{ name }}
        on {{ name }}.scoring_version = changes.scoring_version
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
        {{ name }}_by_time as is_by_time,
        {{ name }}_by_data as is_by_data
    from {{ axis }}_pairs
    where {{ name }}_held <> {{ name }}_holds and {{ name }}_matters
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
    case when turned.is_by_time then 'time' when turned.is_by_data then 'data' else meanings.cause end as cause,
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
