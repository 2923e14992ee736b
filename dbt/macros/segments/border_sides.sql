{# CTEs that end in sided: on which side of a border an account stands, by decisive days (3-definitions 8).

   A day is decisive for a side when it is the last of so many fresh days in a row with the quantity at or past that
   side's line; the high side's line is enter, the low side's is exit. A stale day starts the count anew. The first fresh
   day of an account decides at once, and so does a day that is forced high. The side is that of the last decisive day,
   but none that was left is taken again within undone_days, save by a day that is forced, or on the low side by one on
   which released_when holds, and save for what was left by being unknown (rested_classes). Where is_forgetting, so many
   fresh days in a row on which nobody can tell the quantity make the side unknown, until the first day on which somebody
   can; else it is kept.

   From a CTE measured (account_id, as_of_on, scoring_version, quantity, is_fresh, is_forced_high, enter_at, exit_at,
   decisive_days), one row per day without gaps. An incremental run goes on from the day before its window. #}
{% macro border_sides(is_forgetting=false, released_when='false') %}
earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        high_days,
        low_days,
        unknown_days,
        decided
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        0 as high_days,
        0 as low_days,
        0 as unknown_days,
        cast(null as varchar) as decided
    from measured
    where false
    {%- endif %}

),

judged as (

    select
        *,
        coalesce(is_fresh and quantity >= enter_at, false) as is_at_high,
        coalesce(is_fresh and quantity <= exit_at, false) as is_at_low,
        coalesce(is_fresh and quantity is not null, false) as is_measured,
        {% if is_forgetting -%}
        coalesce(is_fresh and quantity is null and not is_forced_high, false) as is_unknown,
        {%- else -%}
        false as is_unknown,
        {%- endif %}
        {{ released_when }} as is_released
    from measured

),

running as (

    select
        judged.*,
        earlier.decided as earlier_decided,
        coalesce(earlier.high_days, 0) as earlier_high_days,
        coalesce(earlier.low_days, 0) as earlier_low_days,
        coalesce(earlier.unknown_days, 0) as earlier_unknown_days,
        min(judged.as_of_on) over so_far as first_on,
        max(case when not judged.is_at_high then judged.as_of_on end) over so_far as last_not_high_on,
        max(case when not judged.is_at_low then judged.as_of_on end) over so_far as last_not_low_on,
        max(case when not judged.is_unknown then judged.as_of_on end) over so_far as last_known_on
    from judged
    left join earlier
        on
            earlier.account_id = judged.account_id
            and earlier.scoring_version = judged.scoring_version
    window so_far as (
        partition by judged.account_id, judged.scoring_version
        order by judged.as_of_on rows between unbounded preceding and current row
    )

),

streaks as (

    select
        *,
        cast(
            coalesce(as_of_on - last_not_high_on, as_of_on - first_on + 1 + earlier_high_days) as integer
        ) as high_days,
        cast(
            coalesce(as_of_on - last_not_low_on, as_of_on - first_on + 1 + earlier_low_days) as integer
        ) as low_days,
        cast(
            coalesce(as_of_on - last_known_on, as_of_on - first_on + 1 + earlier_unknown_days) as integer
        ) as unknown_days
    from running

),

opened as (

    select
        *,
        unknown_days >= decisive_days as is_forgotten,
        -- a side is open until the first day that is measured or forced, and again from the day on which it is forgotten
        last_value(
            case
                when is_measured or is_forced_high then false
                when unknown_days >= decisive_days then true
            end ignore nulls
        ) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and 1 preceding
        ) as was_open
    from streaks

),

decided as (

    select
        *,
        case
            when is_forced_high or high_days >= decisive_days then 1
            when low_days >= decisive_days then 0
            when is_forgotten then 2
            when is_measured and coalesce(was_open, coalesce(earlier_decided, '') = '')
                then case when quantity >= enter_at then 1 else 0 end
        end as decision
    from opened

),

-- the last decision so far: its day and its side in one number
latest as (

    select
        *,
        max(4 * (as_of_on - cast('0001-01-01' as date)) + decision) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as last_decision
    from decided

),

sides_decided as (

    select
        *,
        case
            when last_decision is null then earlier_decided
            when last_decision % 4 = 2 then ''
            when last_decision % 4 = 1 then 'high'
            else 'low'
        end as decided_side
    from latest

),

decisions as (

    select
        account_id,
        as_of_on,
        scoring_version,
        decided_side as decided,
        is_forced_high or coalesce(decided_side = '' or (decided_side = 'low' and is_released), false) as is_free
    from sides_decided

),

{{ rested_classes(is_forgiving=false) }},

sided as (

    select
        sides_decided.account_id,
        sides_decided.as_of_on,
        sides_decided.scoring_version,
        sides_decided.quantity,
        sides_decided.is_fresh,
        case rested.shown when 'high' then true when 'low' then false end as is_high,
        sides_decided.high_days,
        sides_decided.low_days,
        sides_decided.unknown_days,
        -- days that point elsewhere, not yet enough of them or too soon after the last change
        case rested.shown
            when 'high' then greatest(sides_decided.low_days, sides_decided.unknown_days)
            when 'low' then greatest(sides_decided.high_days, sides_decided.unknown_days)
        end as pending_days,
        rested.shown_on as since_on,
        sides_decided.decided_side as decided,
        rested.shown,
        rested.shown_on,
        rested.is_shown_free,
        rested.left_class
    from sides_decided
    inner join rested
        on
            rested.account_id = sides_decided.account_id
            and rested.scoring_version = sides_decided.scoring_version
            and rested.as_of_on = sides_decided.as_of_on

)
{%- endmacro %}

{# What says in a reason that the side which was left is not taken again so soon; null where it may be. #}
{% macro not_before(sides) -%}
    case
        when not {{ sides }}.is_shown_free and {{ sides }}.shown_on + {{ undone_days() }} >= {{ as_of() }}
            then concat(', not before ', cast({{ sides }}.shown_on + {{ undone_days() }} + 1 as varchar))
    end
{%- endmacro %}
