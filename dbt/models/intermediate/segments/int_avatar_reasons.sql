-- today's avatar in words: what decided it, what would give another, and the treatment that it asks for
with avatars as (

    select * from {{ ref('int_avatar_daily') }}
    where as_of_on = {{ as_of() }}

),

treatments as (

    select * from {{ ref('avatar_treatments') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'momentum_paid_days', 'usage_min_people', 'leader_paid_days', 'entrant_paid_days', 'regrowth', 'regrowth_days'
        ]) }}
    from {{ ref('segment_parameters') }}
    where axis = 'avatar'
    group by scoring_version

),

borders as (

    select
        scoring_version,
        max(case when border = 'momentum' then enter_at end) as momentum_enter_at,
        max(case when border = 'momentum' then exit_at end) as momentum_exit_at,
        max(case when border = 'momentum' then decisive_days end) as momentum_days,
        max(case when border = 'arr' then cast(enter_at as integer) end) as arr_enter_at,
        max(case when border = 'arr' then cast(exit_at as integer) end) as arr_exit_at,
        max(case when border = 'arr' then decisive_days end) as arr_days,
        max(case when border = 'entrant_growth' then enter_at end) as growth_enter_at,
        max(case when border = 'entrant_growth' then exit_at end) as growth_exit_at,
        max(case when border = 'entrant_growth' then decisive_days end) as growth_border_days
    from {{ ref('segment_borders') }}
    where axis = 'avatar'
    group by scoring_version

),

momentum_sides as (

    select * from {{ ref('int_avatar_momentum_side_daily') }}
    where as_of_on = {{ as_of() }}

),

arr_sides as (

    select * from {{ ref('int_avatar_arr_side_daily') }}
    where as_of_on = {{ as_of() }}

),

growth_sides as (

    select * from {{ ref('int_avatar_growth_side_daily') }}
    where as_of_on = {{ as_of() }}

),

-- the parts of the sentences
worded as (

    select
        avatars.*,
        case
            when avatars.stable_class is null or avatars.momentum_micro is not null then null
            when avatars.paid_days < parameters.momentum_paid_days
                then concat(avatars.paid_days, ' paid days of ', parameters.momentum_paid_days)
            when avatars.as_of_on - 180 < {{ first_day() }}
                then concat('the tables reach back 180 days from ', cast({{ first_day() }} + 180 as varchar), ' on')
            else
                concat(
                    'no MRR 180 days ago, and fewer than ', cast(parameters.usage_min_people as integer),
                    ' weekly people then or now'
                )
        end as momentum_unknown_because,
        case
            when avatars.momentum_micro is null then 'momentum unknown'
            else
                concat(
                    case avatars.momentum_source when 'mrr' then 'MRR ' else 'weekly people ' end,
                    {{ signed_percent('1e6 * (pow(2e0, avatars.momentum_micro / 1e6) - 1)') }},
                    ' in 180 days (momentum ', {{ hundredths('avatars.momentum_micro / 1e6') }}, ')'
                )
        end as momentum,
        concat('growth potential ', coalesce({{ tenths('avatars.growth_bp / 1e2') }}, 'unknown')) as growth,
        case
            when avatars.is_on_watch
                then concat('on watch', ' until ' || cast(avatars.watch_ends_on as varchar))
            else 'not on watch'
        end as watch,
        concat(
            borders.momentum_days, ' fresh days in a row with momentum of at least ',
            {{ hundredths('borders.momentum_enter_at') }},
            ' and MRR that neither falls nor lies under the median', {{ not_before('momentum_sides') }}, ': disruptor'
        ) as to_disruptor,
        concat(
            borders.arr_days, ' fresh days in a row with ARR at the frozen ', borders.arr_enter_at, 'th percentile',
            case
                when avatars.paid_days < parameters.leader_paid_days
                    then concat(' and ', parameters.leader_paid_days, ' paid days')
            end,
            {{ not_before('arr_sides') }}, ': leader'
        ) as to_leader,
        concat(
            borders.momentum_days, ' fresh days in a row with momentum of at most ',
            {{ hundredths('borders.momentum_exit_at') }},
            ', falling MRR or MRR under the median', {{ not_before('momentum_sides') }}, ': leader, or a new watch'
        ) as from_disruptor,
        concat(
            borders.arr_days, ' fresh days in a row with ARR at most at the frozen ', borders.arr_exit_at,
            'th percentile', {{ not_before('arr_sides') }}, ': a new watch'
        ) as from_leader,
        case
            when avatars.paid_days < parameters.entrant_paid_days
                then concat('from ', parameters.entrant_paid_days, ' paid days on growth potential decides')
            else
                concat(
                    borders.growth_border_days, ' fresh days in a row with growth potential of at most ',
                    {{ tenths('borders.growth_exit_at') }}, {{ not_before('growth_sides') }},
                    ', or the end of the watch: slow_runner'
                )
        end as from_entrant,
        case
            when avatars.is_on_watch
                then
                    concat(
                        borders.growth_border_days, ' fresh days in a row with growth potential of at least ',
                        {{ tenths('borders.growth_enter_at') }}, {{ not_before('growth_sides') }}, ': entrant'
                    )
            else
                concat(
                    'growth potential of at least ', {{ tenths('parameters.regrowth') }}, ' on each of ',
                    parameters.regrowth_days, ' fresh days (', avatars.growth_days, ' so far): entrant'
                )
        end as to_entrant,
        concat(avatars.paid_days, ' paid days') as paid
    from avatars
    inner join parameters
        on parameters.scoring_version = avatars.scoring_version
    inner join borders
        on borders.scoring_version = avatars.scoring_version
    left join momentum_sides
        on
            momentum_sides.account_id = avatars.account_id
            and momentum_sides.scoring_version = avatars.scoring_version
    left join arr_sides
        on arr_sides.account_id = avatars.account_id and arr_sides.scoring_version = avatars.scoring_version
    left join growth_sides
        on growth_sides.account_id = avatars.account_id and growth_sides.scoring_version = avatars.scoring_version

)

select
    worded.account_id,
    worded.scoring_version,
    case worded.stable_class
        when 'disruptor' then worded.momentum
        when 'leader'
            then
                concat(
                    'ARR among the largest, ', worded.paid, '; MRR ',
                    coalesce({{ signed_percent('worded.mrr_growth_365d_micro') }}, 'of unknown change'), ' in 365 days',
                    case when worded.is_at_plateau then ': at plateau' when worded.is_declining then ': declining' end
                )
        when 'entrant' then concat_ws(', ', worded.watch, worded.paid, worded.growth)
        when 'slow_runner' then concat_ws(', ', worded.watch, worded.paid, worded.momentum, worded.growth)
    end as reason,
    case worded.stable_class
        when 'disruptor' then worded.from_disruptor
        when 'leader' then concat_ws('; ', worded.to_disruptor, worded.from_leader)
        when 'entrant' then concat_ws('; ', worded.to_disruptor, worded.to_leader, worded.from_entrant)
        when 'slow_runner' then concat_ws('; ', worded.to_disruptor, worded.to_leader, worded.to_entrant)
    end as would_change,
    worded.momentum_unknown_because,
    treatments.personalisation as avatar_personalisation,
    treatments.frequency as avatar_frequency,
    nullif(treatments.review, '') as avatar_review
from worded
left join treatments
    on
        treatments.class = worded.stable_class
        and treatments.situation in ('always', case when worded.is_at_plateau then 'at_plateau' else 'otherwise' end)
