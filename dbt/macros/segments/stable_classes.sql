{# CTEs that end in classed: the stable class of an axis, by decisive days of its raw class (3-definitions 8).

   A day decides when it is the last of so many fresh days in a row with the same raw class, or with none: what nobody can
   tell for so long is unknown, and not held. The first fresh day of an account with a class decides at once, and so does
   an immediate day. The class is that of the last decisive day, but none that was left is taken again within undone_days,
   save on an immediate day or after one (rested_classes).

   From a CTE measured (account_id, as_of_on, scoring_version, raw_class, is_fresh, is_immediate, decisive_days), one row
   per day without gaps; unknown is a raw class that is null. An incremental run goes on from the day before its window. #}
{% macro stable_classes() %}
earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        raw_class,
        run_days,
        measured_days,
        decided
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        raw_class,
        0 as run_days,
        0 as measured_days,
        cast(null as varchar) as decided
    from measured
    where false
    {%- endif %}

),

followed as (

    select
        measured.*,
        earlier.decided as earlier_decided,
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
            earlier_decided,
            ''
        ) as decided_class
    from decided

),

-- what is unknown does not wait, nor what follows on it
decisions as (

    select
        account_id,
        as_of_on,
        scoring_version,
        decided_class as decided,
        decided_class = '' or (is_fresh and is_immediate) as is_free
    from deciding

),

{{ rested_classes() }},

classed as (

    select
        deciding.account_id,
        deciding.as_of_on,
        deciding.scoring_version,
        deciding.raw_class,
        nullif(rested.shown, '') as stable_class,
        deciding.measured_days,
        case when deciding.is_fresh then deciding.run_days else 0 end as run_days,
        case
            when deciding.is_fresh and coalesce(deciding.raw_class, '') <> rested.shown then deciding.run_days
            else 0
        end as pending_days,
        case when rested.shown <> '' then rested.shown_on end as since_on,
        deciding.decided_class as decided,
        rested.shown,
        rested.shown_on,
        rested.is_shown_free,
        rested.left_class
    from deciding
    inner join rested
        on
            rested.account_id = deciding.account_id
            and rested.scoring_version = deciding.scoring_version
            and rested.as_of_on = deciding.as_of_on

)
{%- endmacro %}
