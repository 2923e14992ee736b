-- today's playbook in words: what decided it, and what would give another
with playbooks as (

    select * from {{ ref('int_playbook_daily') }}
    where as_of_on = {{ as_of() }}

),

borders as (

    select
        scoring_version,
        max(case when border = 'risk' then enter_at end) as risk_enter_at,
        max(case when border = 'risk' then exit_at end) as risk_exit_at,
        max(case when border = 'growth' then enter_at end) as growth_enter_at,
        max(case when border = 'growth' then exit_at end) as growth_exit_at,
        max(case when border = 'risk' then decisive_days end) as risk_days,
        max(case when border = 'growth' then decisive_days end) as growth_days
    from {{ ref('segment_borders') }}
    where axis = 'playbook'
    group by scoring_version

),

risk_sides as (

    select * from {{ ref('int_risk_side_daily') }}
    where as_of_on = {{ as_of() }}

),

growth_sides as (

    select * from {{ ref('int_growth_side_daily') }}
    where as_of_on = {{ as_of() }}

)

select
    playbooks.account_id,
    playbooks.scoring_version,
    case
        when playbooks.stable_class = 'onboarding' then 'in onboarding'
        when playbooks.stable_class is not null
            then
                concat(
                    'risk ', coalesce({{ tenths('playbooks.risk') }}, 'unknown'),
                    case when playbooks.is_at_risk then ', at risk since ' else ', safe since ' end,
                    cast(playbooks.risk_since_on as varchar),
                    '; growth ', coalesce({{ tenths('playbooks.growth') }}, 'unknown'),
                    case when playbooks.is_growing then ', room since ' else ', little room since ' end,
                    cast(playbooks.growth_since_on as varchar)
                )
    end as reason,
    case
        when playbooks.stable_class = 'onboarding' then 'activation, or the last day of onboarding'
        when playbooks.stable_class is not null
            then
                concat(
                    borders.risk_days, ' fresh days in a row with risk ',
                    case
                        when playbooks.is_at_risk then concat('at most ', {{ tenths('borders.risk_exit_at') }})
                        else concat('at least ', {{ tenths('borders.risk_enter_at') }})
                    end,
                    {{ not_before('risk_sides') }},
                    ': ', {{ playbook_class('playbooks.stage', '(not playbooks.is_at_risk)', 'playbooks.is_growing') }},
                    '; ', borders.growth_days, ' with growth ',
                    case
                        when playbooks.is_growing then concat('at most ', {{ tenths('borders.growth_exit_at') }})
                        else concat('at least ', {{ tenths('borders.growth_enter_at') }})
                    end,
                    {{ not_before('growth_sides') }},
                    ': ', {{ playbook_class('playbooks.stage', 'playbooks.is_at_risk', '(not playbooks.is_growing)') }}
                )
    end as would_change
from playbooks
inner join borders
    on borders.scoring_version = playbooks.scoring_version
left join risk_sides
    on risk_sides.account_id = playbooks.account_id and risk_sides.scoring_version = playbooks.scoring_version
left join growth_sides
    on growth_sides.account_id = playbooks.account_id and growth_sides.scoring_version = playbooks.scoring_version
