{# CTE counts: the running sums over the spine of all changes, one row per account and day.
   A running sum costs per column, so counts share a bigint: each has its place and its room in packed_counts,
   no count is ever negative or too large for its room, so sums of packed changes unpack to the counts. #}
{% macro use_running_counts(from_on) %}
{%- set day_columns = [
    'active_days', 'value_events', 'active_person_days', 'trend_days', 'trend_days_before', 'active_days_year_before'
] %}
{%- set presences = ['wau', 'mau', 'feature', 'new_feature'] %}
all_changes as (

    select
        account_id,
        changed_on,
        {% for pack in packed_counts() -%}
        {{ packed(pack, day_columns) }} as pack_{{ loop.index }}{{ ',' if not loop.last }}
        {% endfor %}
    from day_changes
    {%- for name in presences %}
    union all
    select
        account_id,
        changed_on,
        {% for pack in packed_counts() -%}
        {{ packed(pack, [name], 'change') }} as pack_{{ loop.index }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ name }}_changes
    {%- endfor %}

),

changes as (

    select
        account_id,
        changed_on,
        {% for pack in packed_counts() -%}
        cast(sum(pack_{{ loop.index }}) as bigint) as pack_{{ loop.index }}{{ ',' if not loop.last }}
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

running as (

    select
        spine.account_id,
        spine.as_of_on,
        spine.tenure_days,
        spine.is_internal,
        {% for pack in packed_counts() -%}
        cast(coalesce(sum(changes.pack_{{ loop.index }}) over so_far, 0) as bigint) as pack_{{ loop.index }},
        {% endfor -%}
        coalesce(today.active_people, 0) as dau,
        coalesce(max(today.as_of_on) over so_far, state_before.last_value_on) as last_value_on
    from spine
    left join changes on changes.account_id = spine.account_id and changes.changed_on = spine.as_of_on
    left join usage_daily as today on today.account_id = spine.account_id and today.as_of_on = spine.as_of_on
    left join state_before on state_before.account_id = spine.account_id
    window so_far as (
        partition by spine.account_id order by spine.as_of_on rows between unbounded preceding and current row
    )

),

counts as (

    select
        account_id,
        as_of_on,
        tenure_days,
        is_internal,
        {% for pack in packed_counts() -%}
        {% set pack_number = loop.index -%}
        {% for name, place, room in pack -%}
        {{ unpacked('pack_' ~ pack_number, place, room) }} as {{ name }}{{ '_count' if name in presences }},
        {% endfor -%}
        {% endfor -%}
        dau,
        last_value_on
    from running

)
{%- endmacro %}

{# Where each count lives: name, what its unit is worth, how many fit. Days of a window fit in 10 bits;
   people, person-days and events in 31. #}
{% macro packed_counts() -%}
    {{- return([
        [('active_days', 1, 1024), ('active_days_year_before', 1024, 1024),
         ('feature', 1048576, 1048576), ('new_feature', 1099511627776, 1048576)],
        [('wau', 1, 2147483648), ('mau', 2147483648, 2147483648)],
        [('active_person_days', 1, 2147483648), ('trend_days', 2147483648, 2147483648)],
        [('trend_days_before', 1, 2147483648), ('value_events', 2147483648, 2147483648)],
    ]) -}}
{%- endmacro %}

{% macro packed(pack, names, column=none) -%}
    {%- set terms = [] -%}
    {%- for name, place, room in pack if name in names -%}
        {%- do terms.append('cast(' ~ (column or name) ~ ' as bigint) * ' ~ place) -%}
    {%- endfor -%}
    {{ terms | join(' + ') if terms else 'cast(0 as bigint)' }}
{%- endmacro %}

{% macro unpacked(pack, place, room) -%}
    {%- if place == 1 -%}
    {{ pack }} % {{ room }}
    {%- else -%}
    {{ whole_division(pack, place) }} % {{ room }}
    {%- endif -%}
{%- endmacro %}
