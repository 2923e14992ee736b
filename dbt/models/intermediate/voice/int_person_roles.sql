-- a person may hold several roles at once: the highest decides; a role ends when the person has left or is inactive
with contact_versions as (

    select * from {{ ref('int_contact_versions') }}

),

roles as (

    select
        account_id,
        user_id,
        valid_from,
        case buying_role when 'decision_maker' then 1 when 'influencer' then 2 else 3 end as role_rank,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as valid_to
    from contact_versions
    where coalesce(is_active, true)

),

held as (

    select * from roles
    where valid_to > valid_from

),

bounds as (

    select
        account_id,
        user_id,
        valid_from as bound_on
    from held
    union
    select
        account_id,
        user_id,
        valid_to as bound_on
    from held

),

spans as (

    select
        account_id,
        user_id,
        bound_on as valid_from,
        lead(bound_on) over (partition by account_id, user_id order by bound_on) as valid_to
    from bounds

),

highest as (

    select
        spans.account_id,
        spans.user_id,
        spans.valid_from,
        spans.valid_to,
        min(held.role_rank) as role_rank
    from spans
    inner join held
        on
            held.account_id = spans.account_id
            and held.user_id = spans.user_id
            and held.valid_from <= spans.valid_from
            and held.valid_to >= spans.valid_to
    group by
        spans.account_id,
        spans.user_id,
        spans.valid_from,
        spans.valid_to

)

select
    account_id,
    user_id,
    valid_from,
    valid_to,
    cast(role_rank as integer) as role_rank,
    case role_rank when 1 then 'decision_maker' when 2 then 'influencer' else 'user' end as buying_role
from highest
