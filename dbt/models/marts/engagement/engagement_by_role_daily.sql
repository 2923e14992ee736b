{{ config(materialized='view') }}

-- the roles that count for the account, and those that somebody holds beside them
with engagement as (

    select * from {{ ref('int_engagement_daily') }}

),

roles as (
    {% for role, people in [('decision_maker', 'decision_makers'), ('influencer', 'influencers'), ('user', 'users')] %}
    select
        account_id,
        as_of_on,
        scoring_version,
        '{{ role }}' as buying_role,
        {{ people }} as people,
        engaged_{{ people }} as engaged_people,
        {{ role }}_bp as engagement_bp,
        is_{{ role }}_required as is_required,
        case when is_{{ role }}_required then {{ role }}_points_bp end as points_bp,
        is_{{ role }}_required and {{ people }} = 0 as is_missing,
        status
    from engagement
    where is_{{ role }}_required or {{ people }} > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    account_id,
    as_of_on,
    scoring_version,
    buying_role,
    cast(people as integer) as people,
    cast(engaged_people as integer) as engaged_people,
    cast(engagement_bp as bigint) as engagement_bp,
    cast(engagement_bp / 100.0 as decimal(5, 2)) as engagement_score,
    is_required,
    cast(points_bp as bigint) as points_bp,
    is_missing,
    status
from roles
