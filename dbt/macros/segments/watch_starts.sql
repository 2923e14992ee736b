{# Aggregate: the paid days on which an account's watches start, an array, from rows of paid days:
   its first or running watch (to_days and is_run null), days on which it is given one (is_run 0), and runs of days on
   each of which it may have one (is_run 1). A run gives one where no watch runs any more, and again when that one ends.
   365 days, watch from 1, run 300 to 800: 1, 366, 731. A fold, because each start rests on the one before. #}
{% macro watch_starts(from_days, to_days, is_run, watch_days) -%}
    {{ return(adapter.dispatch('watch_starts')(from_days, to_days, is_run, watch_days)) }}
{%- endmacro %}

{% macro duckdb__watch_starts(from_days, to_days, is_run, watch_days) -%}
    list_reduce(
        list_sort(list(
            case when {{ is_run }} is null then [{{ from_days }}] else [{{ from_days }}, {{ is_run }}, {{ to_days }}] end
        )),
        lambda taken, x: list_concat(
            taken,
            case
                when x[2] = 0 then [x[1]]
                else range(greatest(x[1], taken[len(taken)] + {{ watch_days }}), x[3] + 1, {{ watch_days }})
            end
        )
    )
{%- endmacro %}

{% macro spark__watch_starts(from_days, to_days, is_run, watch_days) -%}
    aggregate(
        array_sort(collect_list(
            case
                when {{ is_run }} is null then array({{ from_days }})
                else array({{ from_days }}, {{ is_run }}, {{ to_days }})
            end
        )),
        cast(array() as array<bigint>),
        (taken, x) -> concat(
            taken,
            case
                when size(x) = 1 or x[1] = 0 then array(x[0])
                when greatest(x[0], element_at(taken, -1) + {{ watch_days }}) > x[2] then cast(array() as array<bigint>)
                else sequence(greatest(x[0], element_at(taken, -1) + {{ watch_days }}), x[2], {{ watch_days }})
            end
        )
    )
{%- endmacro %}
