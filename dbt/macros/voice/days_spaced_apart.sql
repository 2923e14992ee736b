{# Aggregate: the earliest of a group's days, then each next one that lies at least so many days after the last taken;
   an array of dates. Days 0, 60 and 120 at 90 apart give 0 and 120. #}
{% macro days_spaced_apart(column, apart) -%}
    {{ return(adapter.dispatch('days_spaced_apart')(column, apart)) }}
{%- endmacro %}

{% macro duckdb__days_spaced_apart(column, apart) -%}
    list_reduce(
        list_transform(list_sort(list(distinct {{ column }})), lambda x: [x]),
        lambda taken, x: case when x[1] - taken[len(taken)] >= {{ apart }} then list_concat(taken, x) else taken end
    )
{%- endmacro %}

{% macro spark__days_spaced_apart(column, apart) -%}
    aggregate(
        array_sort(collect_set({{ column }})),
        cast(array() as array<date>),
        (taken, x) -> case
            when size(taken) = 0 or datediff(x, element_at(taken, -1)) >= {{ apart }} then concat(taken, array(x))
            else taken
        end
    )
{%- endmacro %}
