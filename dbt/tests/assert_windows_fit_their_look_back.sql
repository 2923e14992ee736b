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

select * from windows
where
    longest_window_days > {{ look_back_days('use_window') }}
    or 2 * longest_window_days > {{ look_back_days('use_trend') }}
    or year_before_days + longest_window_days > {{ look_back_days('use_year') }}
