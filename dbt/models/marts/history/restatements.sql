-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- every difference between a day as it was published and the same day as it is known now, with its cause
{%- set fields = ['row_exists'] + restated_fields() %}

with restated_rows as (

    select * from {{ ref('int_restated_rows') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

run as (

    select * from {{ source('ops', 'run') }}

),

publications as (

    select
        as_of_on,
        min_by(definitions_hash, publication) as definitions_hash
    from {{ source('published', 'publications') }}
    group by as_of_on

),

-- a slot that had rows already when the day was published, and got other rows since
corrections as (

    select distinct
        earlier.known_on as held_on,
        later.known_on as corrected_on,
        later.slot
    from {{ source('ops', 'deliveries') }} as later
    inner join {{ source('ops', 'deliveries') }} as earlier
        on
            earlier.table_name = later.table_name
            and earlier.feed = later.feed
            and earlier.slot = later.slot
            and earlier.delivery_id <> later.delivery_id
            and earlier.known_on < later.known_on
    where later.status = 'loaded' and earlier.status = 'loaded' and later.slot < cast('9999-12-31' as date)

),

corrected_days as (

    select distinct publications.as_of_on
    from publications
    inner join corrections
        on
            corrections.held_on <= publications.as_of_on
            and corrections.corrected_on > publications.as_of_on
            and corrections.slot <= publications.as_of_on

),

explained as (

    select
        restated_rows.*,
        case
            when publications.definitions_hash <> run.definitions_hash then 'configuration'
            when
                restated_rows.was_is_renewal_pending = 'true'
                and coalesce(restated_rows.is_is_renewal_pending, 'false') <> 'true'
                then 'renewal'
            when
                restated_rows.was_stale_since_on is not null and restated_rows.is_stale_since_on is null
                then 'feed returned'
            when corrected_days.as_of_on is not null then 'corrected'
            else 'late'
        end as cause
    from restated_rows
    cross join run
    left join publications on publications.as_of_on = restated_rows.as_of_on
    left join corrected_days on corrected_days.as_of_on = restated_rows.as_of_on

),

fields as (

    {% for field in fields -%}
    select '{{ field }}' as field
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

differences as (

    select
        explained.account_id,
        explained.as_of_on,
        explained.scoring_version,
        fields.field,
        case fields.field
            {%- for field in fields %}
            when '{{ field }}' then explained.was_{{ field }}
            {%- endfor %}
        end as was_value,
        case fields.field
            {%- for field in fields %}
            when '{{ field }}' then explained.is_{{ field }}
            {%- endfor %}
        end as is_value,
        explained.cause
    from explained
    cross join fields

)

select
    'account_segments' as table_name,
    account_id,
    as_of_on,
    scoring_version,
    field,
    was_value,
    is_value,
    cause
from differences
where was_value is distinct from is_value
