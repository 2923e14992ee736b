-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- every change of a stable class, with what turned, by how many points, and whose doing it was
with changes as (

    select * from {{ ref('int_segment_changes') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

told as (

    select * from {{ ref('int_segment_change_drivers') }}
    where as_of_on >= {{ recompute_from('scores') }}

),
{%- for moment in ['earlier', 'later'] %}

{{ moment }} as (

    select
        account_id,
        as_of_on,
        scoring_version,
        {%- for axis in segment_axes() %}
        {{ axis }}_raw_class,
        {%- endfor %}
        is_internal,
        mrr,
        arr
    from {{ ref('account_segments_daily') }}
    where as_of_on >= {{ first_compared_on() }}

),
{%- endfor %}

stated as (

    select
        changes.*,
        told.drivers,
        told.cause,
        later.is_internal,
        later.mrr,
        later.arr,
        {%- for moment in ['earlier', 'later'] %}
        {{ axis_value('raw_class', moment, 'changes.axis') }} as {{ moment }}_raw_class
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from changes
    inner join later
        on
            later.account_id = changes.account_id
            and later.scoring_version = changes.scoring_version
            and later.as_of_on = changes.as_of_on
    left join earlier
        on
            earlier.account_id = changes.account_id
            and earlier.scoring_version = changes.scoring_version
            and earlier.as_of_on = changes.compared_on
    left join told
        on
            told.account_id = changes.account_id
            and told.scoring_version = changes.scoring_version
            and told.as_of_on = changes.as_of_on
            and told.axis = changes.axis

)

select
    account_id,
    as_of_on,
    scoring_version,
    axis,
    from_class,
    to_class,
    unknown_because,
    compared_on,
    -- nothing turned: a class that waited for fresh days, or an axis that names no predicates
    coalesce(
        drivers,
        case
            when to_class is null then unknown_because
            when earlier_raw_class = later_raw_class then 'the same by the figures of the days: fresh days were missing'
            else
                concat(
                    'by the figures of the day: ', coalesce(earlier_raw_class, 'unknown'), ' to ',
                    coalesce(later_raw_class, 'unknown')
                )
        end
    ) as drivers,
    coalesce(
        cause,
        case
            when to_class is null or earlier_raw_class is null or earlier_raw_class = later_raw_class then 'data'
            else 'customer'
        end
    ) as cause,
    is_internal,
    mrr,
    arr
from stated
