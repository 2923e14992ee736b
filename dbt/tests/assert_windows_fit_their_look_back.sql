-- look_back_days() holds literals for pruning; a seed that reaches farther would be cut short without a word
with settings as (

    select {{ seed_values([
        'minimum_window_days', 'window_cadences', 'cadence_max_days', 'year_before_days', 'wau_days', 'activation_window_days'
    ]) }}
    from {{ ref('use_parameters') }}

),

windows as (

    select
        *,
        greatest(minimum_window_days, window_cadences * cadence_max_days, wau_days, activation_window_days)
            as longest_window_days
    from settings

)

select
    'use_parameters' as seed,
    longest_window_days
from windows
where
    longest_window_days > {{ look_back_days('use_window') }}
    or 2 * longest_window_days > {{ look_back_days('use_trend') }}
    or year_before_days + longest_window_days > {{ look_back_days('use_year') }}
union all
select
    'voice_parameters' as seed,
    max(value) as longest_window_days
from {{ ref('voice_parameters') }}
where parameter like 'nps\_window\_%' escape '\'
having max(value) > {{ look_back_days('nps_change') }}
union all
select
    'health_parameters' as seed,
    max(value) as longest_window_days
from {{ ref('health_parameters') }}
where parameter in ('usage_carry_days', 'billing_carry_days')
having max(value) > {{ look_back_days('carry') }}
