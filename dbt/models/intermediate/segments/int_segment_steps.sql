-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- the days on which the stable class of an axis, or the reason for having none, is another than the day before;
-- since_on tells the first day of a class, so that only days without a class are compared with each other
with
{%- for axis in segment_axes() %}

{{ axis }}_classes as (

    select
        account_id,
        as_of_on,
        scoring_version,
        '{{ axis }}' as axis,
        {{ axis }}_class as class,
        cast(null as varchar) as unknown_because
    from {{ ref('account_segments_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} and {{ axis }}_since_on = as_of_on and {{ axis }}_class is not null

),

{{ axis }}_unknowns as (

    select
        account_id,
        as_of_on,
        scoring_version,
        {{ axis }}_unknown_because as unknown_because,
        lag(as_of_on) over by_day as earlier_on,
        lag({{ axis }}_unknown_because) over by_day as earlier_because
    from {{ ref('account_segments_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - 1 and {{ axis }}_class is null
    window by_day as (partition by account_id, scoring_version order by as_of_on)

),
{%- endfor %}

steps as (

    {%- for axis in segment_axes() %}
    select * from {{ axis }}_classes
    union all
    select
        account_id,
        as_of_on,
        scoring_version,
        '{{ axis }}' as axis,
        cast(null as varchar) as class,
        unknown_because
    from {{ axis }}_unknowns
    where
        as_of_on >= {{ recompute_from('scores') }}
        and (earlier_on is distinct from as_of_on - 1 or earlier_because is distinct from unknown_because)
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    steps.account_id,
    steps.as_of_on,
    steps.scoring_version,
    steps.axis,
    steps.class,
    steps.unknown_because,
    {{ axis_value('class', 'earlier', 'steps.axis') }} as earlier_class,
    {{ axis_value('pending_days', 'earlier', 'steps.axis') }} as earlier_pending_days,
    earlier.account_id is null as is_first
from steps
left join {{ ref('account_segments_daily') }} as earlier
    on
        earlier.account_id = steps.account_id
        and earlier.scoring_version = steps.scoring_version
        and earlier.as_of_on = steps.as_of_on - 1
        and earlier.as_of_on >= {{ recompute_from('scores') }} - 1
order by steps.as_of_on
