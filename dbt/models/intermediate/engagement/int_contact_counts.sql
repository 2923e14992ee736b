-- how many people of each role the contacts name, from when to when; an account without a row has no contacts
with roles as (

    select * from {{ ref('int_contact_roles') }}

),

-- a listed person keeps the account's contacts known even without a role in force
changes as (

    select
        account_id,
        valid_from as changed_on,
        buying_role,
        is_contact,
        1 as change
    from roles
    union all
    select
        account_id,
        valid_to as changed_on,
        buying_role,
        is_contact,
        -1 as change
    from roles

),

daily as (

    select
        account_id,
        changed_on,
        sum(case when is_contact and buying_role = 'decision_maker' then change else 0 end) as decision_makers,
        sum(case when is_contact and buying_role = 'influencer' then change else 0 end) as influencers,
        sum(case when is_contact and buying_role = 'user' then change else 0 end) as users
    from changes
    group by
        account_id,
        changed_on

),

running as (

    select
        account_id,
        changed_on as valid_from,
        lead(changed_on, 1, cast('9999-12-31' as date)) over (partition by account_id order by changed_on) as valid_to,
    {% for role in ['decision_makers', 'influencers', 'users'] -%}
    cast(sum({{ role }}) over (
        partition by account_id order by changed_on rows between unbounded preceding and current row
        ) as integer) as {{ role }}{{ ',' if not loop.last }}
    {% endfor %}
    from daily

),

listed as (

    select
        account_id,
        min(valid_from) as first_listed_on
    from {{ ref('int_contact_versions') }}
    group by account_id

)

select
    running.account_id,
    running.valid_from,
    running.valid_to,
    running.decision_makers,
    running.influencers,
    running.users,
    running.decision_makers + running.influencers + running.users > 0
    or coalesce(running.valid_from >= listed.first_listed_on, true) as has_contacts
from running
left join listed on listed.account_id = running.account_id
where running.valid_to > running.valid_from
