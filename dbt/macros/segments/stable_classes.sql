{# CTEs that end in classed: the stable class of an axis, by decisive days of its raw class (3-definitions 8).

   A day decides when it is the last of so many fresh days in a row with the same raw class, or with none: what nobody can
   tell for so long is unknown, and not held. The first fresh day of an account with a class decides at once, and so does
   an immediate day. The class is that of the last decisive day. A class that was left is not taken again within
   undone_days, but on an immediate day.

   From a CTE measured (account_id, as_of_on, scoring_version, raw_class, is_fresh, is_immediate, decisive_days), one row
   per day without gaps; unknown is a raw class that is null. An incremental run goes on from the day before its window. #}
{% macro stable_classes() %}
earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        raw_class,
        stable_class,
        run_days,
        measured_days,
        since_on,
        decided_class,
        turned_on,
        left_class,
        left_before_class,
        settles_on,
        left_settles_on
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        raw_class,
        cast(null as varchar) as stable_class,
        0 as run_days,
        0 as measured_days,
        cast(null as date) as since_on,
        cast(null as varchar) as decided_class,
        cast(null as date) as turned_on,
        cast(null as varchar) as left_class,
        cast(null as varchar) as left_before_class,
        cast(null as date) as settles_on,
        cast(null as date) as left_settles_on
    from measured
    where false
    {%- endif %}

),

followed as (

    select
        measured.*,
        earlier.stable_class as earlier_class,
        earlier.since_on as earlier_since_on,
        earlier.decided_class as earlier_decided_class,
        earlier.turned_on as earlier_turned_on,
        earlier.left_class as earlier_left_class,
        earlier.left_before_class as earlier_left_before_class,
        earlier.settles_on as earlier_settles_on,
        earlier.left_settles_on as earlier_left_settles_on,
        coalesce(earlier.run_days, 0) as earlier_run_days,
        coalesce(earlier.measured_days, 0) as earlier_measured_days,
        coalesce(lag(coalesce(measured.raw_class, '')) over by_day, earlier.raw_class, '') as previous_raw_class,
        min(measured.as_of_on) over by_day as first_on
    from measured
    left join earlier
        on
            earlier.account_id = measured.account_id
            and earlier.scoring_version = measured.scoring_version
    window by_day as (
        partition by measured.account_id, measured.scoring_version
        order by measured.as_of_on rows between unbounded preceding and current row
    )

),

running as (

    select
        *,
        max(
            case when not is_fresh then as_of_on + 1 when coalesce(raw_class, '') <> previous_raw_class then as_of_on end
        ) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as run_from_on,
        cast(earlier_measured_days + count(case when is_fresh then raw_class end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as integer) as measured_days
    from followed

),

decided as (

    select
        *,
        cast(
            coalesce(as_of_on - run_from_on, as_of_on - first_on + earlier_run_days) + 1 as integer
        ) as run_days
    from running

),

deciding as (

    select
        *,
        coalesce(
            last_value(
                case
                    when
                        is_fresh
                        and (
                            is_immediate
                            or run_days >= decisive_days
                            or (measured_days = 1 and raw_class is not null)
                        )
                        then coalesce(raw_class, '')
                end ignore nulls
            ) over (
                partition by account_id, scoring_version
                order by as_of_on rows between unbounded preceding and current row
            ),
            earlier_decided_class,
            ''
        ) as decided_class
    from decided

),

-- a turn is a decision for another class; from unknown it is the first of an account anew
turns as (

    select
        *,
        nullif(
            coalesce(
                lag(decided_class) over (partition by account_id, scoring_version order by as_of_on),
                earlier_decided_class,
                ''
            ),
            decided_class
        ) as turn_from
    from deciding

),

turned as (

    select
        *,
        coalesce(max(case when turn_from <> '' then as_of_on end) over so_far, earlier_turned_on) as turned_on,
        -- to go back from what is believed at once is no return
        coalesce(
            last_value(
                case when turn_from <> '' then case when is_fresh and is_immediate then '' else turn_from end end
                ignore nulls
            ) over so_far,
            earlier_left_class
        ) as left_class
    from turns
    window so_far as (
        partition by account_id, scoring_version
        order by as_of_on rows between unbounded preceding and current row
    )

),

-- the class that was left the time before; what has become unknown may become anything
turned_twice as (

    select
        *,
        case
            when turn_from <> '' and decided_class = '' then ''
            when turn_from <> '' then coalesce(lag(left_class) over by_day, earlier_left_class)
        end as turn_left_before
    from turned
    window by_day as (partition by account_id, scoring_version order by as_of_on)

),

returned as (

    select
        *,
        coalesce(last_value(turn_left_before ignore nulls) over so_far, earlier_left_before_class) as left_before_class
    from turned_twice
    window so_far as (
        partition by account_id, scoring_version
        order by as_of_on rows between unbounded preceding and current row
    )

),

-- a turn counts from the day on which it need not wait any more
settled as (

    select
        *,
        decided_class <> '' and coalesce(decided_class = left_before_class, false) as is_return,
        case
            when turn_from <> ''
                then
                    greatest(
                        as_of_on,
                        case
                            when
                                decided_class = left_before_class and decided_class <> ''
                                and not (is_fresh and is_immediate)
                                then coalesce(lag(turned_on) over by_day, earlier_turned_on) + {{ undone_days() }} + 1
                        end
                    )
        end as turn_settles_on
    from returned
    window by_day as (partition by account_id, scoring_version order by as_of_on)

),

settling as (

    select
        *,
        coalesce(last_value(turn_settles_on ignore nulls) over so_far, earlier_settles_on) as settles_on
    from settled
    window so_far as (
        partition by account_id, scoring_version
        order by as_of_on rows between unbounded preceding and current row
    )

),

left_classes as (

    select
        *,
        case
            when turn_from <> '' then coalesce(lag(settles_on) over by_day, earlier_settles_on)
        end as turn_left_settles_on
    from settling
    window by_day as (partition by account_id, scoring_version order by as_of_on)

),

waiting as (

    select
        *,
        coalesce(last_value(turn_left_settles_on ignore nulls) over so_far, earlier_left_settles_on)
            as left_settles_on
    from left_classes
    window so_far as (
        partition by account_id, scoring_version
        order by as_of_on rows between unbounded preceding and current row
    )

),

-- the last decision that had not to wait, or has waited
stable as (

    select
        *,
        coalesce(
            last_value(
                case
                    when
                        not is_return
                        or (is_fresh and is_immediate)
                        or as_of_on > left_settles_on + {{ undone_days() }}
                        then decided_class
                end ignore nulls
            ) over (
                partition by account_id, scoring_version
                order by as_of_on rows between unbounded preceding and current row
            ),
            earlier_class,
            ''
        ) as waited_class
    from waiting

),

compared as (

    select
        *,
        nullif(waited_class, '') as stable_class,
        coalesce(
            lag(waited_class) over (partition by account_id, scoring_version order by as_of_on), earlier_class, ''
        ) as previous_class
    from stable

),

classed as (

    select
        account_id,
        as_of_on,
        scoring_version,
        raw_class,
        stable_class,
        measured_days,
        case when is_fresh then run_days else 0 end as run_days,
        case when is_fresh and coalesce(raw_class, '') <> waited_class then run_days else 0 end as pending_days,
        case
            when stable_class is not null
                then
                    coalesce(
                        max(case when waited_class <> previous_class then as_of_on end) over (
                            partition by account_id, scoring_version
                            order by as_of_on rows between unbounded preceding and current row
                        ),
                        earlier_since_on
                    )
        end as since_on,
        decided_class,
        turned_on,
        left_class,
        left_before_class,
        settles_on,
        left_settles_on
    from compared

)
{%- endmacro %}
