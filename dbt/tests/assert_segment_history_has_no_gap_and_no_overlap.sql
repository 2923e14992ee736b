-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
-- each period ends where the next begins, the first on the account's first day; what is open is what today's rows say
with history as (

    select * from {{ ref('account_segment_history') }}

),

today as (

    {%- for axis in segment_axes() %}
    select
        account_id,
        as_of_on,
        scoring_version,
        '{{ axis }}' as axis,
        {{ axis }}_class as class,
        {{ axis }}_since_on as since_on,
        case when {{ axis }}_class is null then {{ axis }}_unknown_because end as unknown_because
    from {{ ref('account_segments_daily') }}
    where as_of_on = {{ as_of() }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

open_periods as (

    select * from history
    where valid_to is null

),

followed as (

    select
        *,
        lead(valid_from) over by_day as next_from,
        lag(class) over by_day as earlier_class,
        lag(unknown_because) over by_day as earlier_because,
        row_number() over by_day as number
    from history
    window by_day as (partition by account_id, scoring_version, axis order by valid_from, valid_to)

),

first_days as (

    select
        account_id,
        min(as_of_on) as first_on
    from {{ ref('int_account_days') }}
    group by account_id

)

select
    followed.axis,
    followed.account_id,
    followed.valid_from as as_of_on,
    'periods do not follow each other' as problem
from followed
left join first_days
    on first_days.account_id = followed.account_id
where
    (followed.number = 1 and followed.valid_from is distinct from first_days.first_on)
    or followed.valid_to <= followed.valid_from
    or (followed.next_from is not null and followed.valid_to is distinct from followed.next_from)
    or (
        followed.number > 1
        and followed.class is not distinct from followed.earlier_class
        and followed.unknown_because is not distinct from followed.earlier_because
    )
union all
select
    coalesce(today.axis, open_periods.axis) as axis,
    coalesce(today.account_id, open_periods.account_id) as account_id,
    coalesce(today.as_of_on, open_periods.valid_from) as as_of_on,
    'the open period is not what today says' as problem
from today
full outer join open_periods
    on
        open_periods.account_id = today.account_id
        and open_periods.scoring_version = today.scoring_version
        and open_periods.axis = today.axis
where
    today.account_id is null
    or open_periods.account_id is null
    or open_periods.class is distinct from today.class
    or open_periods.unknown_because is distinct from today.unknown_because
    or open_periods.valid_from <> today.since_on
