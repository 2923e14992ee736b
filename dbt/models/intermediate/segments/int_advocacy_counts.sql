-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}
{%- set roles = ['decision_maker', 'influencer', 'user'] %}
{%- set standings = advocacy_standings() %}

-- how many people of a role have shown what, as a step function per account: people are counted by steps up and down,
-- so that an account is judged once a step and not each person
with people as (

    select
        account_id,
        user_id,
        scoring_version,
        greatest(valid_from, {{ recompute_from('scores') }}) as from_on,
        valid_to as to_on,
        standing,
        is_carried
    from {{ ref('int_person_advocacy_steps') }}
    where valid_to > {{ recompute_from('scores') }} and valid_from <= {{ as_of() }}

),

person_roles as (

    select * from {{ ref('int_person_roles') }}
    where role_rank <= 2

),

-- who holds no role acts as a user: everybody is one, less who decides or influences
in_roles as (

    select
        people.account_id,
        people.scoring_version,
        person_roles.buying_role,
        greatest(people.from_on, person_roles.valid_from) as from_on,
        least(people.to_on, person_roles.valid_to) as to_on,
        people.standing,
        people.is_carried
    from people
    inner join person_roles
        on
            person_roles.account_id = people.account_id
            and person_roles.user_id = people.user_id
            and person_roles.valid_from < people.to_on
            and person_roles.valid_to > people.from_on

),

counted as (

    select
        account_id,
        scoring_version,
        'user' as buying_role,
        from_on,
        to_on,
        standing,
        is_carried,
        1 as people
    from people
    union all
    select
        account_id,
        scoring_version,
        'user' as buying_role,
        from_on,
        to_on,
        standing,
        is_carried,
        -1 as people
    from in_roles
    union all
    select
        account_id,
        scoring_version,
        buying_role,
        from_on,
        to_on,
        standing,
        is_carried,
        1 as people
    from in_roles

),

changes as (

    select
        account_id,
        scoring_version,
        buying_role,
        from_on as changed_on,
        standing,
        is_carried,
        people
    from counted
    union all
    select
        account_id,
        scoring_version,
        buying_role,
        to_on as changed_on,
        standing,
        is_carried,
        -people as people
    from counted

),

net_changes as (

    select
        account_id,
        scoring_version,
        changed_on
        {%- for role in roles %}
        {%- for standing in standings %},
        cast(sum(
            case when buying_role = '{{ role }}' and standing = '{{ standing }}' then people else 0 end
        ) as integer) as {{ role }}_{{ standing }},
        cast(sum(
            case when buying_role = '{{ role }}' and standing = '{{ standing }}' and is_carried then people else 0 end
        ) as integer) as {{ role }}_carried_{{ standing }}
        {%- endfor %}
        {%- endfor %}
    from changes
    group by
        account_id,
        scoring_version,
        changed_on

),

running as (

    select
        account_id,
        scoring_version,
        changed_on as valid_from,
        lead(changed_on) over by_day as valid_to
        {%- for role in roles %}
        {%- for standing in standings %},
        cast(sum({{ role }}_{{ standing }}) over so_far as integer) as {{ role }}_{{ standing }},
        cast(sum({{ role }}_carried_{{ standing }}) over so_far as integer) as {{ role }}_carried_{{ standing }}
        {%- endfor %}
        {%- endfor %}
    from net_changes
    window
        by_day as (partition by account_id, scoring_version order by changed_on),
        so_far as (
            partition by account_id, scoring_version
            order by changed_on rows between unbounded preceding and current row
        )

)

{% for role in roles -%}
select
    account_id,
    scoring_version,
    valid_from,
    valid_to,
    {{ loop.index }} as role_rank,
    '{{ role }}' as deciding_role
    {%- for standing in standings %},
    {{ role }}_{{ standing }} as {{ standing }},
    {{ role }}_carried_{{ standing }} as carried_{{ standing }}
    {%- endfor %}
from running
where valid_to is not null
{%- if not loop.last %}
union all
{% endif -%}
{%- endfor %}
