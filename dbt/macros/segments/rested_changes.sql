{# Aggregate: the changes of the class shown, as one array of class, day and whether it did not wait, after one another,
   from points in the order of their days. A spell is taken as it is; a turn changes the class on its first day, or when
   the class has rested, if it lasts so long; where is_forgiving, what follows on a spell that did not wait does not wait
   either. A fold, because each change rests on the ones before. #}
{% macro rested_changes(point, is_forgiving) -%}
    {{ return(adapter.dispatch('rested_changes')(point, is_forgiving)) }}
{%- endmacro %}

{% macro duckdb__rested_changes(point, is_forgiving) -%}
    {#- a spell: its class, its first day and whether it was free; a turn has the day after its last instead, and its first
        free day. taken: class, day and free of each change, three after one another -#}
    {%- set first_on, turn_ends_on, turn_class, turn_free_on = 'x[1]', 'x[2]', 'x[3]', 'x[4]' -%}
    {%- set spell_class, spell_is_free, unknown = 'x[2]', 'x[3]', 0 -%}
    {%- set last_class, last_is_free = 'taken[len(taken) - 2]', 'taken[len(taken)]' -%}
    {%- set left_on -%}
        list_max(list_transform(
            range(3, len(taken), 3),
            lambda i: case when taken[i - 2] = {{ turn_class }} and taken[i + 3] = 0 then taken[i + 2] end
        ))
    {%- endset -%}
    {%- set change_on -%}
        case
            when {{ last_class }} = {{ unknown }} then {{ first_on }}
            {%- if is_forgiving %}
            when {{ last_is_free }} = 1 then {{ first_on }}
            {%- endif %}
            else greatest(
                {{ first_on }},
                least({{ turn_free_on }}, coalesce({{ left_on }} + {{ undone_days() }} + 1, {{ first_on }}))
            )
        end
    {%- endset -%}
    {%- set is_free -%}
        case
            when {{ turn_class }} = {{ unknown }} then 1
            {%- if is_forgiving %}
            when {{ turn_free_on }} <= {{ change_on }} then 1
            {%- else %}
            when {{ last_class }} = {{ unknown }} then 1
            {%- endif %}
            else 0
        end
    {%- endset -%}
    list_reduce(
        list_prepend(cast([] as bigint[]), list_sort(list({{ point }}))),
        lambda taken, x: list_concat(
            taken,
            case
                when len(x) = 3 then [{{ spell_class }}, {{ first_on }}, {{ spell_is_free }}]
                when len(taken) = 0 then [{{ turn_class }}, {{ first_on }}, 1]
                when {{ last_class }} = {{ turn_class }} then []
                when {{ change_on }} < {{ turn_ends_on }} then [{{ turn_class }}, {{ change_on }}, {{ is_free }}]
                else []
            end
        )
    )
{%- endmacro %}
