{# Versions of a state table's rows, from the slots that showed them (2-architecture, Time).

   One row per feed, key and run of consecutive slots with equal content:
   valid_from (the run's first slot; the beginning of time for rows of the feed's first slot, which then
   also speaks for the days before it), valid_to (exclusive: the first slot that shows another content or,
   where deliveries are snapshots, no such row; null while open), first_slot_on, and the columns. #}
{% macro slot_versions(relation, table_name, key, columns) %}
with delivered_slots as (

    select distinct
        feed as _feed,
        slot as _slot
    from {{ source('ops', 'deliveries') }}
    where table_name = '{{ table_name }}' and is_in_force

),

slots as (

    select
        delivered_slots._feed,
        delivered_slots._slot,
        feeds.delivery = 'snapshot' as is_snapshot,
        row_number() over (partition by delivered_slots._feed order by delivered_slots._slot) as slot_number,
        lead(delivered_slots._slot) over (
            partition by delivered_slots._feed order by delivered_slots._slot
        ) as next_slot
    from delivered_slots
    inner join {{ source('ops', 'feeds') }} as feeds
        on feeds.feed = delivered_slots._feed and feeds.table_name = '{{ table_name }}'

),

-- what follows moves a row's key and the hash of its content; its columns are fetched at the end.
-- a key shown twice in one slot: the later row of the file wins
shown as (

    select
        {% for column in key %}{{ column }},
        {% endfor -%}
        _feed,
        _slot,
        _delivery,
        _row,
        md5(concat_ws('|'{% for column in columns %}, coalesce(cast({{ column }} as varchar), '~'){% endfor %})) as content,
        row_number() over (
            partition by _feed, _slot{% for column in key %}, {{ column }}{% endfor %}
            order by _row desc, _delivery desc
        ) as later_rows
    from {{ relation }}

),

numbered as (

    select
        shown.*,
        slots.slot_number,
        slots.is_snapshot,
        slots.next_slot,
        lag(slots.slot_number) over (
            partition by shown._feed{% for column in key %}, {{ column }}{% endfor %} order by slots.slot_number
        ) as previous_slot_number,
        lag(shown.content) over (
            partition by shown._feed{% for column in key %}, {{ column }}{% endfor %} order by slots.slot_number
        ) as previous_content
    from shown
    inner join slots
        on slots._feed = shown._feed and slots._slot = shown._slot
    where shown.later_rows = 1

),

stepped as (

    select
        *,
        case
            when previous_content = content and (slot_number = previous_slot_number + 1 or not is_snapshot) then 0
            else 1
        end as is_step
    from numbered

),

islands as (

    select
        *,
        sum(is_step) over (
            partition by _feed{% for column in key %}, {{ column }}{% endfor %}
            order by slot_number rows between unbounded preceding and current row
        ) as version_number
    from stepped

),

spans as (

    select
        {% for column in key %}{{ column }},
        {% endfor -%}
        _feed,
        version_number,
        content,
        is_snapshot,
        max(case when is_step = 1 then _delivery end) as first_delivery,
        max(case when is_step = 1 then _row end) as first_row,
        min(_slot) as first_slot_on,
        min(slot_number) as first_slot_number,
        max(slot_number) as last_slot_number
    from islands
    group by
        {% for column in key %}{{ column }},
        {% endfor -%}
        _feed,
        version_number,
        content,
        is_snapshot

),

versions as (

    select
        {% for column in key + columns %}rows_shown.{{ column }},
        {% endfor -%}
        spans._feed,
        spans.version_number,
        spans.content,
        spans.first_slot_on,
        case
            when spans.first_slot_number = 1 then cast('0001-01-01' as date) else spans.first_slot_on
        end as valid_from,
        case
            when spans.is_snapshot then last_slot.next_slot
            else lead(spans.first_slot_on) over (
                partition by spans._feed{% for column in key %}, spans.{{ column }}{% endfor %}
                order by spans.version_number
            )
        end as valid_to
    from spans
    inner join {{ relation }} as rows_shown
        on
            rows_shown._feed = spans._feed
            and rows_shown._slot = spans.first_slot_on
            and rows_shown._delivery = spans.first_delivery
            and rows_shown._row = spans.first_row
    inner join slots as last_slot
        on last_slot._feed = spans._feed and last_slot.slot_number = spans.last_slot_number

)

select * from versions
{% endmacro %}
