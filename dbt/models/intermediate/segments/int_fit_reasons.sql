-- today's fit in words: what decided it, and what would give another
with fits as (

    select * from {{ ref('int_fit_daily') }}
    where as_of_on = {{ as_of() }}

),

profiles as (

    select * from {{ ref('int_icp_reasons') }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['pillar_rating']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'fit'
    group by scoring_version

)

select
    fits.account_id,
    fits.scoring_version,
    case fits.stable_class
        when 'not_a_fit'
            then concat('rated under ', {{ tenths('parameters.pillar_rating') }}, ': ', fits.failed_pillars)
        when 'right_fit'
            then
                concat(
                    'all ', fits.rated_pillars, ' pillars rated ', {{ tenths('parameters.pillar_rating') }},
                    ' or above, the oldest on ', cast(fits.oldest_rating_on as varchar),
                    case
                        when fits.sponsor_contradicted
                            then '; but no decision maker was engaged in {{ look_back_days('engagement') }} days'
                    end
                )
    end as reason,
    case fits.stable_class
        when 'not_a_fit'
            then
                concat('new ratings of at least ', {{ tenths('parameters.pillar_rating') }}, ': right_fit, unassessed')
        when 'right_fit'
            then
                concat(
                    'a rating under ', {{ tenths('parameters.pillar_rating') }},
                    ': not_a_fit; a rating too old: unassessed'
                )
        when 'unassessed' then 'ratings of the missing pillars: right_fit or not_a_fit'
    end as would_change,
    profiles.rules as icp_rules,
    profiles.unknown_attributes as icp_attributes_unknown,
    profiles.unknown_because as icp_unknown_because
from fits
inner join parameters
    on parameters.scoring_version = fits.scoring_version
left join profiles
    on profiles.account_id = fits.account_id and profiles.scoring_version = fits.scoring_version
