{# CTE counts: the running sums over the spine of all changes, one row per account and day. #}
{% macro use_running_counts(from_on) %}
{%- set day_measures = [
    'active_days', 'value_events', 'active_person_days', 'trend_days', 'trend_days_before', 'active_days_year_before'
] %}
{%- set presences = ['wau', 'mau', 'feature', 'new_feature'] %}
all_changes as (

    select
        account_id,
        changed_on,
        {% for measure in day_measures -%}
        {{ measure }},
        {% endfor -%}
        {% for presence in presences -%}
        0 as {{ presence }}{{ ',' if not loop.last }}
        {% endfor %}
    from day_changes
    {%- for name in presences %}
    union all
    select
        account_id,
        changed_on,
        {% for measure in day_measures -%}
        0 as {{ measure }},
        {% endfor -%}
        {% for presence in presences -%}
        {{ 'change' if presence == name else '0' }} as {{ presence }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ name }}_changes
    {%- endfor %}

),

changes as (

    select
        account_id,
        changed_on,
        {% for measure in day_measures + presences -%}
        cast(sum({{ measure }}) as bigint) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from all_changes
    where changed_on <= {{ as_of() }}
    group by
        account_id,
        changed_on

),

-- the last value day before the recomputed range
state_before as (

    select
        account_id,
        max(last_value_on) as last_value_on
    from (
        select
            account_id,
            last_value_on
        from {{ ref('int_use_months') }}
        where month_end_on < {{ from_on }}
        union all
        select
            account_id,
            as_of_on as last_value_on
        from usage_daily
        where
            as_of_on < {{ from_on }}
            and as_of_on >= cast(date_trunc('month', {{ from_on }}) as date)
    ) as value_days
    group by account_id

),

counts as (

    select
        spine.account_id,
        spine.as_of_on,
        spine.tenure_days,
        spine.is_internal,
        {% for measure in day_measures + presences -%}
        cast(coalesce(sum(changes.{{ measure }}) over running, 0) as bigint) as {{ measure }}{{ '_count' if measure in presences }},
        {% endfor -%}
        coalesce(today.active_people, 0) as dau,
        coalesce(max(today.as_of_on) over running, state_before.last_value_on) as last_value_on
    from spine
    left join changes on changes.account_id = spine.account_id and changes.changed_on = spine.as_of_on
    left join usage_daily as today on today.account_id = spine.account_id and today.as_of_on = spine.as_of_on
    left join state_before on state_before.account_id = spine.account_id
    window running as (
        partition by spine.account_id order by spine.as_of_on rows between unbounded preceding and current row
    )

)
{%- endmacro %}
