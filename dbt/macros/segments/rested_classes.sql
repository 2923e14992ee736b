{# CTEs that end in rested: the class that an account is shown in, from what is decided day by day. A class that was left is
   not shown again within undone_days, unless the day does not wait or the account is unknown just before; nor, where
   is_forgiving, does a class rest that was left on a day that did not wait, or that follows on one taken on such a day.

   From a CTE decisions (account_id, as_of_on, scoring_version, decided, is_free), one row per day without gaps: decided is
   the class by the last decisive day, '' for unknown and null until there is one; is_free says that the day does not wait.
   An incremental run goes on from the spells shown before its window: columns shown, shown_on, is_shown_free (nothing rests
   because of it: it was the first, came from or to unknown, or did not wait) and left_class of the model. #}
{% macro rested_classes(is_forgiving=true) %}
spells_before as (

    {% if is_incremental() -%}
    select distinct
        account_id,
        scoring_version,
        shown,
        shown_on,
        is_shown_free
    from {{ this }}
    where
        as_of_on >= {{ recompute_from('scores') }} - {{ undone_days() }} - 1
        and as_of_on < {{ recompute_from('scores') }}
        and shown is not null
    {%- else -%}
    select
        account_id,
        scoring_version,
        decided as shown,
        as_of_on as shown_on,
        is_free as is_shown_free
    from decisions
    where false
    {%- endif %}

),

classes_shown as (

    select
        class,
        case when class = '' then 0 else row_number() over (order by class) end as class_number
    from (
        select decided as class from decisions
        where decided is not null
        union
        select shown as class from spells_before
    ) as names

),

turn_days as (

    select
        *,
        lag(decided) over (partition by account_id, scoring_version order by as_of_on) as decided_before
    from decisions
    where decided is not null

),

numbered_turns as (

    select
        *,
        sum(case when decided = decided_before then 0 else 1 end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as turn_number
    from turn_days

),

turns as (

    select
        account_id,
        scoring_version,
        min(decided) as decided,
        min(as_of_on) as turn_on,
        max(as_of_on) as last_on,
        min(case when is_free then as_of_on end) as free_on
    from numbered_turns
    group by
        account_id,
        scoring_version,
        turn_number

),

-- a spell is shown_on, class, free; a turn is its first day, the day after its last, class, free_on
points as (

    select
        spells_before.account_id,
        spells_before.scoring_version,
        [
            {{ day_number('spells_before.shown_on') }},
            classes_shown.class_number,
            case when spells_before.is_shown_free then 1 else 0 end
        ] as point
    from spells_before
    inner join classes_shown
        on classes_shown.class = spells_before.shown
    union all
    select
        turns.account_id,
        turns.scoring_version,
        [
            {{ day_number('turns.turn_on') }},
            {{ day_number('turns.last_on') }} + 1,
            classes_shown.class_number,
            coalesce({{ day_number('turns.free_on') }}, 9999999)
        ] as point
    from turns
    inner join classes_shown
        on classes_shown.class = turns.decided

),

folded as (

    select
        account_id,
        scoring_version,
        {{ rested_changes('point', is_forgiving) }} as changes
    from points
    group by
        account_id,
        scoring_version

),

numbered_changes as (

    select
        *,
        unnest(range(1, len(changes), 3)) as change_at
    from folded

),

changes as (

    select
        numbered_changes.account_id,
        numbered_changes.scoring_version,
        classes_shown.class,
        classes_left.class as left_class,
        cast('0001-01-01' as date) + cast(numbered_changes.changes[numbered_changes.change_at + 1] as integer) as changed_on,
        numbered_changes.changes[numbered_changes.change_at + 2] = 1 as is_free
    from numbered_changes
    inner join classes_shown
        on classes_shown.class_number = numbered_changes.changes[numbered_changes.change_at]
    left join classes_shown as classes_left
        on
            numbered_changes.change_at > 1
            and classes_left.class_number = numbered_changes.changes[numbered_changes.change_at - 3]

),

shown_before as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        shown,
        shown_on,
        is_shown_free,
        left_class
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        *,
        shown as left_class
    from spells_before
    {%- endif %}

),

rested as (

    select
        decisions.account_id,
        decisions.as_of_on,
        decisions.scoring_version,
        coalesce(last_value(changes.class ignore nulls) over so_far, shown_before.shown) as shown,
        coalesce(last_value(changes.changed_on ignore nulls) over so_far, shown_before.shown_on) as shown_on,
        coalesce(last_value(changes.is_free ignore nulls) over so_far, shown_before.is_shown_free) as is_shown_free,
        coalesce(last_value(changes.left_class ignore nulls) over so_far, shown_before.left_class) as left_class
    from decisions
    left join changes
        on
            changes.account_id = decisions.account_id
            and changes.scoring_version = decisions.scoring_version
            and changes.changed_on = decisions.as_of_on
    left join shown_before
        on
            shown_before.account_id = decisions.account_id
            and shown_before.scoring_version = decisions.scoring_version
    window so_far as (
        partition by decisions.account_id, decisions.scoring_version
        order by decisions.as_of_on rows between unbounded preceding and current row
    )

)
{%- endmacro %}

{% macro day_number(day) -%}
    cast({{ day }} - cast('0001-01-01' as date) as bigint)
{%- endmacro %}
