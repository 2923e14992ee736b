-- dated facts about people that put a floor under the risk of their account for a while.
-- A departure is a left_on or a change to inactive; a person missing from the file has not departed,
-- and a departure ends when the record says again that the person is there
with contact_versions as (

    select
        account_id,
        user_id,
        buying_role,
        coalesce(is_active, true) as is_active,
        left_on,
        coalesce(is_champion, false) or buying_role = 'decision_maker' as is_key,
        valid_from,
        lag(coalesce(is_active, true)) over person_role as was_active,
        lag(coalesce(is_champion, false)) over person_role as was_champion,
        min(case when coalesce(is_active, true) and left_on is null then valid_from end) over (
            partition by account_id, user_id, buying_role order by valid_from, first_slot_on
            rows between 1 following and unbounded following
        ) as returned_on
    from {{ ref('int_contact_versions') }}
    window person_role as (partition by account_id, user_id, buying_role order by valid_from, first_slot_on)

),

touchpoints as (

    select * from {{ ref('stg_crm__touchpoints') }}
    where kind = 'complaint'

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['contact_left_days', 'complaint_days']) }}
    from {{ ref('health_parameters') }}
    group by scoring_version

),

departures as (

    select
        account_id,
        user_id,
        valid_from,
        returned_on,
        coalesce(left_on, case when was_active and not is_active then valid_from end) as departed_on
    from contact_versions
    where is_key or was_champion

),

facts as (

    select
        departures.account_id,
        departures.user_id,
        parameters.scoring_version,
        'contact_left' as floor,
        greatest(departures.departed_on, departures.valid_from) as from_on,
        least(
            departures.departed_on + parameters.contact_left_days,
            coalesce(departures.returned_on, cast('9999-12-31' as date))
        ) as to_on
    from departures
    cross join parameters
    where departures.departed_on is not null
    union all
    select
        touchpoints.account_id,
        touchpoints.user_id,
        parameters.scoring_version,
        'decision_maker_unhappy' as floor,
        touchpoints.occurred_on as from_on,
        touchpoints.occurred_on + parameters.complaint_days as to_on
    from touchpoints
    inner join person_roles
        on
            person_roles.account_id = touchpoints.account_id
            and person_roles.user_id = touchpoints.user_id
            and person_roles.role_rank = 1
            and person_roles.valid_from <= touchpoints.occurred_on
            and person_roles.valid_to > touchpoints.occurred_on
    cross join parameters

)

select
    account_id,
    user_id,
    scoring_version,
    floor,
    from_on,
    to_on
from facts
where to_on > from_on
