{# Aggregate: the changes of the class shown, as one array of class, day and whether it did not wait, after one another,
   from points in the order of their days. A spell is taken as it is; a turn changes the class on its first day, or when
   the class has rested, if it lasts so long. A fold, because each change rests on the ones before. #}
{% macro rested_changes(point, is_forgiving) -%}
    {{ return(adapter.dispatch('rested_changes')(point, is_forgiving)) }}
{%- endmacro %}

{% macro duckdb__rested_changes(point, is_forgiving) -%}
    {%- set left_on -%}
        list_max(list_transform(
            range(3, len(taken), 3),
            lambda i: case when taken[i - 2] = x[3] and taken[i + 3] = 0 then taken[i + 2] end
        ))
    {%- endset -%}
    {%- set change_on -%}
        case
            when taken[len(taken) - 2] = 0 then x[1]
            else greatest(x[1], least(x[4], coalesce({{ left_on }} + {{ undone_days() }} + 1, x[1])))
        end
    {%- endset -%}
    list_reduce(
        list_prepend(cast([] as bigint[]), list_sort(list({{ point }}))),
        lambda taken, x: list_concat(
            taken,
            case
                when len(x) = 3 then [x[2], x[1], x[3]]
                when len(taken) = 0 then [x[3], x[1], 1]
                when taken[len(taken) - 2] = x[3] then []
                when {{ change_on }} < x[2]
                    then [x[3], {{ change_on }}, {{ 'case when x[4] <= ' ~ change_on ~ ' then 1 else 0 end' if is_forgiving else 0 }}]
                else []
            end
        )
    )
{%- endmacro %}
