-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='view') }}

-- what touch is for, the first that holds: a key contact left, adoption, risk, expansion, else retention
with returns as (

    select * from {{ ref('int_touch_return_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

health as (

    select
        account_id,
        as_of_on,
        scoring_version,
        {%- for component in health_components() %}
        {{ component }}_weight_milli * (1000000 - coalesce({{ component }}_value_micro, 1000000)) as {{ component }}_lost
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('health_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

departures as (

    select distinct
        facts.account_id,
        facts.scoring_version,
        days.as_of_on
    from {{ ref('int_risk_facts') }} as facts
    inner join {{ ref('int_days') }} as days
        on days.as_of_on >= facts.from_on and days.as_of_on < facts.to_on
    where facts.floor = 'contact_left' and days.as_of_on >= {{ recompute_from('scores') }}

),

contacts as (

    select * from {{ ref('int_contact_counts') }}

),

facts as (

    select
        returns.account_id,
        returns.as_of_on,
        returns.scoring_version,
        coalesce(contacts.has_contacts, false) as has_contacts,
        departures.account_id is not null as has_lost_contact,
        returns.stage = 'onboarding' as is_onboarding,
        -- most: more than half of all points lost
        2 * ({% for component in health_components() -%}
            {{ exact('health.' ~ component ~ '_lost') }} * settings.adoption_{{ component }}_micro
            {{- ' + ' if not loop.last }}
        {%- endfor %})
        > {{ exact('1000000') }} * (health.{{ health_components() | join('_lost + health.') }}_lost)
        and returns.risk_bp >= settings.adoption_risk_bp as is_adoption,
        returns.risk_bp >= settings.mitigation_risk_bp as is_at_risk,
        -- room to grow, or an expansion that pays for the hours alone
        returns.growth_bp >= settings.expansion_growth_bp or returns.expansion_return >= returns.cost as is_growing
    from returns
    inner join settings
        on settings.scoring_version = returns.scoring_version
    left join health
        on
            health.account_id = returns.account_id
            and health.as_of_on = returns.as_of_on
            and health.scoring_version = returns.scoring_version
    left join departures
        on
            departures.account_id = returns.account_id
            and departures.as_of_on = returns.as_of_on
            and departures.scoring_version = returns.scoring_version
    left join contacts
        on
            contacts.account_id = returns.account_id
            and contacts.valid_from <= returns.as_of_on
            and contacts.valid_to > returns.as_of_on

)

select
    account_id,
    as_of_on,
    scoring_version,
    has_contacts,
    case
        when has_lost_contact then 'key_contact_turnover'
        when is_onboarding or is_adoption then 'adoption'
        when is_at_risk then 'risk_mitigation'
        when is_growing then 'expansion'
        else 'retention'
    end as goal
from facts
