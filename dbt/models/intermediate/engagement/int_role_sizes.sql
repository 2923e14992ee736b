-- the parts of the roles that each size of account requires; seats unknown is -1
with requirements as (

    select * from {{ ref('role_requirements') }}

),

parts as (

    select * from {{ ref('role_parts') }}

)

select
    requirements.scoring_version,
    requirements.size,
    coalesce(requirements.min_seats, -1) as min_seats,
    case
        when requirements.min_seats is null then -1 else coalesce(requirements.max_seats, 2147483647)
    end as max_seats,
{% for role in ['decision_maker', 'influencer', 'user'] -%}
coalesce(max(case when parts.buying_role = '{{ role }}' then parts.parts end), 0)
    as {{ role }}_parts{{ ',' if not loop.last }}
{% endfor %}
from requirements
inner join parts
    on parts.scoring_version = requirements.scoring_version and parts.buying_role = requirements.buying_role
group by
    requirements.scoring_version,
    requirements.size,
    requirements.min_seats,
    requirements.max_seats
