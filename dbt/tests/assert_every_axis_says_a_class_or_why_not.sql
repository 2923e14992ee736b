-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
-- on every axis each account has one class of the seed, or none and the reason; never both, never neither; on the days that
-- this run has built: the others were judged when they were
with segments as (

    select * from {{ ref('account_segments_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

classes as (

    select * from {{ ref('segment_classes') }}

)

{%- for axis in segment_axes() %}
select
    '{{ axis }}' as axis,
    segments.account_id,
    segments.as_of_on,
    segments.{{ axis }}_class as class
from segments
left join classes
    on classes.axis = '{{ axis }}' and classes.class = segments.{{ axis }}_class
where
    segments.{{ axis }}_status is null
    or (segments.{{ axis }}_class is not null and classes.class is null)
    or (segments.{{ axis }}_class is null) <> (segments.{{ axis }}_status = 'unknown')
    or (segments.{{ axis }}_status in ('unknown', 'unassessed')) <> (segments.{{ axis }}_unknown_because is not null)
    or (segments.{{ axis }}_class is not null and segments.{{ axis }}_since_on is null)
{% if not loop.last %}union all{% endif %}
{%- endfor %}
