{# CTE day_changes from CTEs usage_daily, use_windows and settings: a day of use counts in its window, then in the
   window before that of the trend, and a year later in the window that says what to expect. #}
{% macro use_day_changes() %}
{%- set spans = [
    ('now', '0'), ('before', 'use_windows.window_days'), ('year_before', 'settings.year_before_days')
] %}
{%- for span, delay in spans %}
{{ span }}_spans as (

    select
        usage_daily.account_id,
        usage_daily.active_people,
        usage_daily.value_events,
        usage_daily.trend_days,
        greatest(usage_daily.as_of_on + {{ delay }}, use_windows.valid_from) as counts_from,
        least(usage_daily.as_of_on + {{ delay }} + use_windows.window_days, use_windows.valid_to) as counts_to
    from usage_daily
    cross join settings
    inner join use_windows
        on
            use_windows.account_id = usage_daily.account_id
            and usage_daily.as_of_on + {{ delay }} < use_windows.valid_to
            and usage_daily.as_of_on + {{ delay }} + use_windows.window_days > use_windows.valid_from

),
{% endfor %}
day_changes as (
    {% for span, _ in spans %}
    {%- for edge, sign in [('counts_from', ''), ('counts_to', '-')] %}
    select
        account_id,
        {{ edge }} as changed_on,
        {% if span == 'now' -%}
        {{ sign }}1 as active_days,
        {{ sign }}value_events as value_events,
        {{ sign }}active_people as active_person_days,
        {{ sign }}trend_days as trend_days,
        0 as trend_days_before,
        0 as active_days_year_before
        {%- else -%}
        0 as active_days,
        0 as value_events,
        0 as active_person_days,
        0 as trend_days,
        {{ sign ~ 'trend_days' if span == 'before' else '0' }} as trend_days_before,
        {{ sign ~ '1' if span == 'year_before' else '0' }} as active_days_year_before
        {%- endif %}
    from {{ span }}_spans
    {%- if not (loop.last and span == 'year_before') %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

)
{%- endmacro %}
