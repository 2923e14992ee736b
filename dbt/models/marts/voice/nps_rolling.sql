{{ config(materialized='incremental', replace_days_domain='scores') }}

with counts as (

    select * from {{ ref('int_nps_counts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

-- the window before ends where this one begins; the longest window looks back furthest
earlier_counts as (

    select * from {{ ref('int_nps_counts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }} - {{ look_back_days('nps_change') }}

),

current_version as (

    select * from {{ ref('scoring_versions') }}
    where status = 'current'

),

parameters as (

    select
        voice_parameters.scoring_version,
        {{ parameter_columns(['shown_from_n', 'change_from_n', 'confidence_z']) }}
    from {{ ref('voice_parameters') }} as voice_parameters
    inner join current_version
        on current_version.scoring_version = voice_parameters.scoring_version
    group by voice_parameters.scoring_version

),

compared as (

    select
        counts.*,
        parameters.confidence_z,
        counts.n >= parameters.shown_from_n as is_shown,
        earlier_counts.n as previous_n,
        coalesce(earlier_counts.n, 0) >= parameters.shown_from_n as is_previous_shown,
        least(counts.n, coalesce(earlier_counts.n, 0)) >= parameters.change_from_n as is_change_judged,
        (counts.promoters - counts.detractors) / cast(nullif(counts.n, 0) as double) as balance,
        (earlier_counts.promoters - earlier_counts.detractors)
        / cast(nullif(earlier_counts.n, 0) as double) as previous_balance,
        {{ nps_variance('counts.promoters', 'counts.detractors', 'nullif(counts.n, 0)') }}
        / nullif(counts.n, 0) as variance,
        {{ nps_variance_adjusted('counts.promoters', 'counts.detractors', 'counts.n') }}
        / nullif(counts.n, 0) as adjusted_variance,
        {{ nps_variance_adjusted('earlier_counts.promoters', 'earlier_counts.detractors', 'earlier_counts.n') }}
        / nullif(earlier_counts.n, 0) as previous_adjusted_variance
    from counts
    left join earlier_counts
        on
            earlier_counts.as_of_on = counts.as_of_on - counts.window_days
            and earlier_counts.window_days = counts.window_days
            and earlier_counts.segment_group = counts.segment_group
    cross join parameters

)

select
    as_of_on,
    window_days,
    segment_group,
    n,
    promoters,
    n - promoters - detractors as passives,
    detractors,
    is_shown,
    case when is_shown then {{ hundredths('100 * balance') }} end as nps,
    case when is_shown then {{ hundredths('100 * confidence_z * sqrt(greatest(variance, 0))') }} end as margin95,
    case
        when is_shown then {{ hundredths('100 * confidence_z * sqrt(adjusted_variance)') }}
    end as margin95_adjusted,
    case when is_shown and arr > 0 then {{ hundredths('1e2 * arr_balance / arr') }} end as arr_weighted_nps,
    invited,
    responded,
    {{ hundredths('1e2 * responded / nullif(invited, 0)') }} as response_rate_pct,
    previous_n,
    case when is_previous_shown then {{ hundredths('100 * previous_balance') }} end as previous_nps,
    case
        when is_shown and is_previous_shown then {{ hundredths('100 * (balance - previous_balance)') }}
    end as nps_change,
    case
        when is_shown and is_previous_shown
            then {{ hundredths('100 * confidence_z * sqrt(adjusted_variance + previous_adjusted_variance)') }}
    end as change_margin95,
    coalesce(
        is_change_judged
        and abs(balance - previous_balance) > confidence_z * sqrt(adjusted_variance + previous_adjusted_variance),
        false
    ) as is_change_claimed
from compared
