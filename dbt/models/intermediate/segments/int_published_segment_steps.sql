-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', incremental_strategy='append') }}

-- the published days on which an account's class, raw or stable, was another than on the published day before, as it was
-- published. What was published never changes, so that only the days after the last step are read
{%- set published = published_fields() %}
with published_rows as (

    select
        as_of_on,
        account_id,
        scoring_version
        {%- for axis in segment_axes() %}
        {%- for name in [axis ~ '_class', axis ~ '_raw_class'] %},
        {% if name in published %}{{ name }}{% else %}cast(null as varchar) as {{ name }}{% endif %}
        {%- endfor %}
        {%- endfor %}
    from {{ source('published', 'account_segments_as_published') }}
    where
        as_of_on >= {{ last_published_step_on() }}
        {% if 'is_internal' in published %}and is_internal = 'false'{% endif %}

),

published_days as (

    select distinct as_of_on from {{ source('published', 'publications') }}
    where as_of_on >= {{ last_published_step_on() }}

),

followed_days as (

    select
        as_of_on,
        lag(as_of_on) over (order by as_of_on) as earlier_on
    from published_days

),

axes as (

    {%- for axis in segment_axes() %}
    select
        as_of_on,
        account_id,
        scoring_version,
        '{{ axis }}' as axis,
        {{ axis }}_class as class,
        {{ axis }}_raw_class as raw_class
    from published_rows
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

compared as (

    select
        axes.*,
        earlier.account_id is null as is_first,
        earlier.class as earlier_class,
        earlier.raw_class as earlier_raw_class
    from axes
    inner join followed_days
        on followed_days.as_of_on = axes.as_of_on
    left join axes as earlier
        on
            earlier.account_id = axes.account_id
            and earlier.scoring_version = axes.scoring_version
            and earlier.axis = axes.axis
            and earlier.as_of_on = followed_days.earlier_on

)

select
    account_id,
    as_of_on,
    scoring_version,
    axis,
    class,
    raw_class,
    earlier_class,
    earlier_raw_class,
    is_first
from compared
where
    (
        is_first
        or coalesce(class, '') <> coalesce(earlier_class, '')
        or coalesce(raw_class, '') <> coalesce(earlier_raw_class, '')
    )
    {% if is_incremental() -%}
    and as_of_on > {{ last_published_step_on() }}
    {%- endif %}
