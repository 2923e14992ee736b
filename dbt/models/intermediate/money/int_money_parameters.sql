select
    {{ parameter_columns([
        'grace_days', 'long_grace_days', 'long_term_days', 'lasting_pause_days', 'rate_age_days',
        'renewal_horizon_days', 'expansion_window_days', 'term_end_tolerance_days', 'days_a_year', 'confidence_z'
    ]) }},
    cast(max(case when parameter = 'usage_months' then value end) as integer) as usage_months,
    cast(max(case when parameter = 'churn_months' then value end) as integer) as churn_months,
    cast(max(case when parameter = 'months_a_year' then value end) as integer) as months_a_year,
    cast(max(case when parameter = 'longest_lifetime_months' then value end) as integer) as longest_lifetime_months,
    cast(max(case when parameter = 'gross_margin' then value * 1000000 end) as bigint) as gross_margin_micro
from {{ ref('money_parameters') }}
