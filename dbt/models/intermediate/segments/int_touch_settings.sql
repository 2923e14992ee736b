-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
-- the figures of touch in whole numbers: shares in millionths, points in hundredths, money in minor units
with parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'retention_share', 'expansion_share', 'account_hours', 'hourly_cost', 'capacity_hours', 'base_churn',
            'base_churn_from_n', 'churn_at_half_risk', 'highest_churn', 'largest_expansion', 'adoption_risk',
            'mitigation_risk', 'expansion_growth'
        ]) }},
        {%- for component in health_components() %}
        cast(coalesce(max(
            case when parameter = 'adoption_{{ component }}' then 1000000 * value end
        ), 0) as bigint) as adoption_{{ component }}_micro{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('segment_parameters') }}
    where axis = 'touch'
    group by scoring_version

),

borders as (

    select * from {{ ref('segment_borders') }}
    where axis = 'touch' and border = 'return'

),

-- the yearly churn that a calibration has frozen
base_churns as (

    select
        scoring_version,
        value as churn_micro,
        n
    from {{ source('ops', 'score_references') }}
    where reference = 'logo_churn_year' and reference_group = 'all'

),

currencies as (

    select
        currencies.currency,
        cast(power(10, currencies.exponent) as bigint) as minor_units
    from {{ source('ops', 'run') }} as run
    inner join {{ ref('currencies') }} as currencies
        on currencies.currency = run.reporting_currency

)

select
    parameters.scoring_version,
    {{ micro('parameters.retention_share') }} as retention_share_micro,
    {{ micro('parameters.expansion_share') }} as expansion_share_micro,
    cast(parameters.account_hours as bigint) as account_hours,
    cast(parameters.capacity_hours as bigint) as capacity_hours,
    cast(round(parameters.account_hours * parameters.hourly_cost * currencies.minor_units) as bigint) as cost,
    coalesce(base_churns.n >= parameters.base_churn_from_n, false) as is_base_churn_known,
    case
        when base_churns.n >= parameters.base_churn_from_n then base_churns.churn_micro
        else {{ micro('parameters.base_churn') }}
    end as base_churn_micro,
    {{ micro('parameters.churn_at_half_risk') }} as churn_at_half_risk_micro,
    {{ micro('parameters.highest_churn') }} as highest_churn_micro,
    {{ micro('parameters.largest_expansion') }} as largest_expansion_micro,
    cast(round(100 * parameters.adoption_risk) as bigint) as adoption_risk_bp,
    cast(round(100 * parameters.mitigation_risk) as bigint) as mitigation_risk_bp,
    cast(round(100 * parameters.expansion_growth) as bigint) as expansion_growth_bp,
    {%- for component in health_components() %}
    parameters.adoption_{{ component }}_micro,
    {%- endfor %}
    borders.enter_at,
    borders.exit_at,
    borders.decisive_days,
    currencies.currency,
    currencies.minor_units
from parameters
inner join borders
    on borders.scoring_version = parameters.scoring_version
cross join currencies
left join base_churns
    on base_churns.scoring_version = parameters.scoring_version
