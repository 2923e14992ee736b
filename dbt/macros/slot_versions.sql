{# Versions of a state table's rows, from the slots that showed them (2-architecture, Time).

   One row per feed, key and run of consecutive slots with equal content:
   valid_from (the run's first slot; the beginning of time for rows of the feed's first slot, which then
   also speaks for the days before it), valid_to (exclusive: the first slot that shows another content or,
   where deliveries are snapshots, no such row; null while open), first_slot_on, and the columns.

   A row that was sent and could not be taken has not left: what was known of its key goes on, slot by slot, for as long
   as it is sent like that.

   An incremental run reads only the slots from the first that changed on: the last version of each key before it goes
   on from where it was, as a row without a delivery. Versions that end earlier cannot change. #}
{% macro slot_versions(relation, table_name, key, columns) %}
{%- set from_slot = first_touched_slot(table_name) %}
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
        row_number() over by_slot as slot_number,
        lead(delivered_slots._slot) over by_slot as next_slot,
        min(delivered_slots._slot) over (partition by delivered_slots._feed) as first_slot
    from delivered_slots
    inner join {{ source('ops', 'feeds') }} as feeds
        on feeds.feed = delivered_slots._feed and feeds.table_name = '{{ table_name }}'
    window by_slot as (partition by delivered_slots._feed order by delivered_slots._slot)

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
        md5({{ content_of(columns) }}) as content,
        row_number() over (
            partition by _feed, _slot{% for column in key %}, {{ column }}{% endfor %}
            order by _row desc, _delivery desc
        ) as later_rows
    from {{ relation }}
    {%- if is_incremental() %}
    where _slot >= {{ from_slot }}
    {%- endif %}

),

{%- if is_incremental() %}
earlier_versions as (

    select
        *,
        row_number() over (
            partition by _feed{% for column in key %}, {{ column }}{% endfor %} order by version_number desc
        ) as later_versions
    from {{ this }}
    where first_slot_on < {{ from_slot }}

),
{%- endif %}

sightings as (

    select
        {% for column in key %}shown.{{ column }},
        {% endfor -%}
        shown._feed,
        shown._slot,
        shown._delivery,
        shown._row,
        shown.content,
        slots.slot_number,
        slots.is_snapshot,
        0 as versions_before
    from shown
    inner join slots
        on slots._feed = shown._feed and slots._slot = shown._slot
    where shown.later_rows = 1
    {%- if is_incremental() %}
    union all
    select
        {% for column in key %}earlier_versions.{{ column }},
        {% endfor -%}
        earlier_versions._feed,
        earlier_versions.first_slot_on as _slot,
        cast(null as varchar) as _delivery,
        cast(null as bigint) as _row,
        earlier_versions.content,
        slots.slot_number,
        slots.is_snapshot,
        earlier_versions.version_number as versions_before
    from earlier_versions
    inner join slots
        on
            slots._feed = earlier_versions._feed
            and slots._slot < {{ from_slot }}
            and least({{ open_ended('slots.next_slot') }}, {{ from_slot }})
            = least({{ open_ended('earlier_versions.valid_to') }}, {{ from_slot }})
    where earlier_versions.later_versions = 1
    {%- endif %}

),

-- the slots in which a key was rejected or seen again, each with the last sighting until then
rejected as (

    select
        {% for column in key %}sightings.{{ column }},
        {% endfor -%}
        sightings._feed,
        slots._slot,
        slots.slot_number,
        slots.is_snapshot,
        sightings.content,
        sightings.slot_number as seen_slot_number,
        row_number() over (
            partition by sightings._feed{% for column in key %}, sightings.{{ column }}{% endfor %}, slots._slot
            order by sightings.slot_number desc
        ) as later_sightings
    from {{ source('ops', 'rejected_keys') }} as rejected_keys
    inner join slots
        on slots._feed = rejected_keys._feed and slots._slot = rejected_keys._slot
    inner join sightings
        on
            sightings._feed = rejected_keys._feed
            and sightings.slot_number <= slots.slot_number
            {% for column in key -%}
            and {% if not loop.first %}coalesce({% endif -%}
            cast(sightings.{{ column }} as varchar) = rejected_keys._key[{{ loop.index }}]
            {%- if not loop.first %}, rejected_keys._key[{{ loop.index }}] is null){% endif %}
            {% endfor %}
    where rejected_keys.table_name = '{{ table_name }}' and slots.is_snapshot and slots._slot >= {{ from_slot }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by _feed{% for column in key %}, {{ column }}{% endfor %}, seen_slot_number order by slot_number
        ) as slots_since_seen
    from rejected
    where later_sightings = 1 and seen_slot_number < slot_number

),

appearances as (

    select * from sightings
    union all
    select
        {% for column in key %}{{ column }},
        {% endfor -%}
        _feed,
        _slot,
        cast(null as varchar) as _delivery,
        cast(null as bigint) as _row,
        content,
        slot_number,
        is_snapshot,
        0 as versions_before
    from numbered
    where slots_since_seen = slot_number - seen_slot_number

),

compared as (

    select
        *,
        lag(slot_number) over by_key as previous_slot_number,
        lag(content) over by_key as previous_content
    from appearances
    window by_key as (partition by _feed{% for column in key %}, {{ column }}{% endfor %} order by slot_number)

),

stepped as (

    select
        *,
        case
            when versions_before > 0 then versions_before
            when previous_content = content and (slot_number = previous_slot_number + 1 or not is_snapshot) then 0
            else 1
        end as steps
    from compared

),

islands as (

    select
        *,
        cast(sum(steps) over (
            partition by _feed{% for column in key %}, {{ column }}{% endfor %}
            order by slot_number rows between unbounded preceding and current row
        ) as bigint) as version_number
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
        max(case when steps = 1 then _delivery end) as first_delivery,
        max(case when steps = 1 then _row end) as first_row,
        min(_slot) as first_slot_on,
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

dated as (

    select
        spans.*,
        case
            when spans.first_slot_on = last_slot.first_slot then cast('0001-01-01' as date) else spans.first_slot_on
        end as valid_from,
        case
            when spans.is_snapshot then last_slot.next_slot
            else lead(spans.first_slot_on) over (
                partition by spans._feed{% for column in key %}, spans.{{ column }}{% endfor %}
                order by spans.version_number
            )
        end as valid_to
    from spans
    inner join slots as last_slot
        on last_slot._feed = spans._feed and last_slot.slot_number = spans.last_slot_number

),

versions as (

    select
        {% for column in key + columns %}rows_shown.{{ column }},
        {% endfor -%}
        dated._feed,
        dated.version_number,
        dated.content,
        dated.first_slot_on,
        dated.valid_from,
        dated.valid_to
    from dated
    inner join {{ relation }} as rows_shown
        on
            rows_shown._feed = dated._feed
            and rows_shown._slot = dated.first_slot_on
            and rows_shown._delivery = dated.first_delivery
            and rows_shown._row = dated.first_row
    {%- if is_incremental() %}
    where rows_shown._slot >= {{ from_slot }}
    union all
    select
        {% for column in key + columns %}earlier_versions.{{ column }},
        {% endfor -%}
        dated._feed,
        dated.version_number,
        dated.content,
        dated.first_slot_on,
        dated.valid_from,
        dated.valid_to
    from dated
    inner join earlier_versions
        on
            earlier_versions._feed = dated._feed
            and earlier_versions.version_number = dated.version_number
            {% for column in key -%}
            and earlier_versions.{{ column }} is not distinct from dated.{{ column }}
            {% endfor %}
    where dated.first_delivery is null and {{ open_ended('dated.valid_to') }} >= {{ from_slot }}
    {%- endif %}

)

select * from versions
{% endmacro %}

{# The first slot of a state table whose rows changed since the last complete run: a date literal; the end of time when
   none did. #}
{% macro first_touched_slot(table_name) -%}
    {{- touched_bound('min', table_name, '9999-12-31', source('ops', 'touched_slots')) -}}
{%- endmacro %}

{# Incremental strategy of slot_versions: the versions that may reach the first changed slot are replaced.
   Model config: slots_of, the state table. #}
{% macro get_incremental_replace_slots_sql(arg_dict) -%}
    {%- set target_relation = arg_dict["target_relation"] -%}
    delete from {{ target_relation }}
    where {{ open_ended('valid_to') }} >= {{ first_touched_slot(config.get('slots_of')) }};

    insert into {{ target_relation }} by name select * from {{ arg_dict["temp_relation"] }}
{%- endmacro %}
