{# CTEs that end in <name>_changes (account_id, changed_on, change): changes in the number of distinct keys
   (people, features) seen in a window.
   <name>_neighbours: account_id, present_on, previous_on, next_on (never null), one row per key and day.
   windows: account_id, valid_from, valid_to (exclusive), window_days: which window holds on which days.
   A key counts on d while d - window_days < its latest day <= d. It enters where it did not count the day before
   and leaves where it is not seen again in time: regular use changes nothing, and so costs nothing. #}
{% macro presence_changes(name, neighbours, windows) %}
{{ name }}_spans as (

    select
        neighbours.account_id,
        windows.valid_to,
        neighbours.next_on,
        greatest(neighbours.present_on, windows.valid_from) as entered_on,
        least(neighbours.present_on + windows.window_days, neighbours.next_on, windows.valid_to) as left_on,
        neighbours.present_on > windows.valid_from
        and coalesce(neighbours.previous_on + windows.window_days >= neighbours.present_on, false) as is_still_counted
    from {{ neighbours }} as neighbours
    inner join {{ windows }} as windows on windows.account_id = neighbours.account_id
    where
        neighbours.present_on < windows.valid_to
        and neighbours.next_on > windows.valid_from
        and neighbours.present_on + windows.window_days > windows.valid_from

),

{{ name }}_changes as (

    select
        account_id,
        entered_on as changed_on,
        1 as change
    from {{ name }}_spans
    where not is_still_counted
    union all
    select
        account_id,
        left_on as changed_on,
        -1 as change
    from {{ name }}_spans
    where left_on < next_on or left_on = valid_to

)
{%- endmacro %}
