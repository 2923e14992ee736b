-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what happened between the two days of a change of advocacy: whether somebody who counts said or did something, and
-- whether anybody came to decide or influence, or ceased to; without either, what was said and done has only aged
with changes as (

    select * from {{ ref('int_segment_changes') }}
    where as_of_on >= {{ recompute_from('scores') }} and axis = 'advocacy'

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

-- whoever stands below those who decide on both days has no say
compared as (

    select
        changes.account_id,
        changes.as_of_on,
        changes.scoring_version,
        changes.compared_on,
        greatest(
            {%- for moment in ['earlier', 'later'] %}
            case {{ moment }}.deciding_role when 'decision_maker' then 1 when 'influencer' then 2 else 3 end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as lowest_rank
    from changes
    {%- for moment, on_column in [('earlier', 'compared_on'), ('later', 'as_of_on')] %}
    inner join {{ ref('int_advocacy_daily') }} as {{ moment }}
        on
            {{ moment }}.account_id = changes.account_id
            and {{ moment }}.scoring_version = changes.scoring_version
            and {{ moment }}.as_of_on = changes.{{ on_column }}
            and {{ moment }}.as_of_on >= {{ first_compared_on() }}
    {%- endfor %}

),

spoken as (

    select distinct
        compared.account_id,
        compared.as_of_on,
        compared.scoring_version
    from compared
    inner join {{ ref('int_advocacy_events') }} as events
        on
            events.account_id = compared.account_id
            and events.scoring_version = compared.scoring_version
            and events.event_on > compared.compared_on
            and events.event_on <= compared.as_of_on
    left join person_roles
        on
            person_roles.account_id = events.account_id
            and person_roles.user_id = events.user_id
            and person_roles.valid_from <= compared.as_of_on
            and person_roles.valid_to > compared.as_of_on
    where coalesce(person_roles.role_rank, 3) <= compared.lowest_rank

),

ranks as (

    select
        compared.account_id,
        compared.as_of_on,
        compared.scoring_version,
        person_roles.user_id,
        coalesce(min(case when person_roles.valid_from <= compared.compared_on then person_roles.role_rank end), 3)
            as earlier_rank,
        coalesce(min(case when person_roles.valid_to > compared.as_of_on then person_roles.role_rank end), 3)
            as later_rank
    from compared
    inner join person_roles
        on
            person_roles.account_id = compared.account_id
            and person_roles.valid_from <= compared.as_of_on
            and person_roles.valid_to > compared.compared_on
    group by
        compared.account_id,
        compared.as_of_on,
        compared.scoring_version,
        person_roles.user_id

),

moved as (

    select distinct
        account_id,
        as_of_on,
        scoring_version
    from ranks
    where earlier_rank <> later_rank

)

select
    compared.account_id,
    compared.as_of_on,
    compared.scoring_version,
    spoken.account_id is not null as has_spoken,
    moved.account_id is not null as has_changed_role
from compared
left join spoken
    on
        spoken.account_id = compared.account_id
        and spoken.as_of_on = compared.as_of_on
        and spoken.scoring_version = compared.scoring_version
left join moved
    on
        moved.account_id = compared.account_id
        and moved.as_of_on = compared.as_of_on
        and moved.scoring_version = compared.scoring_version
order by compared.as_of_on
