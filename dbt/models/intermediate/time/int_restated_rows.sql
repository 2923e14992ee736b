-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- rows that differ from what was published for their day: both versions side by side, as text
{%- set fields = restated_fields() %}
{%- set published = published_fields() %}

with current_rows as (

    select
        as_of_on,
        account_id,
        scoring_version
        {%- for field in fields %},
        cast({{ field }} as varchar) as {{ field }}
        {%- endfor %}
    from {{ ref('account_segments_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

published_rows as (

    select
        as_of_on,
        account_id,
        scoring_version
        {%- for field in fields %},
        {% if field in published %}{{ field }}{% else %}cast(null as varchar) as {{ field }}{% endif %}
        {%- endfor %}
    from {{ source('published', 'account_segments_as_published') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

published_days as (

    select distinct as_of_on from published_rows

),

compared as (

    select
        coalesce(current_rows.as_of_on, published_rows.as_of_on) as as_of_on,
        coalesce(current_rows.account_id, published_rows.account_id) as account_id,
        coalesce(current_rows.scoring_version, published_rows.scoring_version) as scoring_version,
        cast(published_rows.account_id is not null as varchar) as was_row_exists,
        cast(current_rows.account_id is not null as varchar) as is_row_exists
        {%- for field in fields %},
        published_rows.{{ field }} as was_{{ field }},
        current_rows.{{ field }} as is_{{ field }}
        {%- endfor %}
    from current_rows
    full outer join published_rows
        on
            published_rows.as_of_on = current_rows.as_of_on
            and published_rows.account_id = current_rows.account_id
            and published_rows.scoring_version = current_rows.scoring_version

)

select compared.*
from compared
inner join published_days
    on published_days.as_of_on = compared.as_of_on
where
    compared.was_row_exists <> compared.is_row_exists
    {%- for field in fields %}
    or compared.was_{{ field }} is distinct from compared.is_{{ field }}
    {%- endfor %}
