-- today's touch in words: what decided it, and what would give another; with every figure that is assumed
with touches as (

    select * from {{ ref('int_touch_daily') }}
    where as_of_on = {{ as_of() }}

),

profiles as (

    select * from {{ ref('int_account_profiles') }}
    where valid_from <= {{ as_of() }} and {{ open_ended('valid_to') }} > {{ as_of() }}

),

cutoffs as (

    select * from {{ ref('int_touch_cutoff_months') }}

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

assumed as (

    select
        settings.scoring_version,
        {{ sorted_texts(
            "concat(parameters.parameter, ' ', trim(trailing '.' from trim(trailing '0' from cast(parameters.value as varchar))))"
        ) }} as assumed
    from settings
    inner join {{ ref('segment_parameters') }} as parameters
        on parameters.scoring_version = settings.scoring_version
    where
        parameters.axis = 'touch'
        and parameters.meaning like 'Assumed%'
        and not (parameters.parameter = 'base_churn' and settings.is_base_churn_known)
    group by settings.scoring_version

),

sides as (

    select * from {{ ref('int_touch_side_daily') }}
    where as_of_on = {{ as_of() }}

),

told as (

    select
        touches.*,
        settings.currency,
        assumed.assumed,
        settings.decisive_days,
        {{ whole_units('touches.expected_return', 'settings.minor_units') }} as return_units,
        {{ whole_units('touches.retention_return', 'settings.minor_units') }} as retention_units,
        {{ whole_units('touches.expansion_return', 'settings.minor_units') }} as expansion_units,
        {{ whole_units('touches.cost', 'settings.minor_units') }} as cost_units,
        case
            when cutoffs.reached_families = cutoffs.worthwhile_families
                then concat('above 0 ', settings.currency)
            else
                concat(
                    'of at least ',
                    {{ whole_units('cast(touches.cutoff * settings.enter_at as bigint)', 'settings.minor_units') }},
                    ' ', settings.currency
                )
        end as enough,
        {{ whole_units('cast(touches.cutoff * settings.exit_at as bigint)', 'settings.minor_units') }} as exit_units,
        {{ not_before('sides') }} as not_before,
        case
            when profiles.touch_preference <> touches.stable_class
                then concat('; it prefers ', profiles.touch_preference, ' touch')
        end as preference
    from touches
    inner join settings
        on settings.scoring_version = touches.scoring_version
    left join assumed
        on assumed.scoring_version = touches.scoring_version
    left join cutoffs
        on cutoffs.scoring_version = touches.scoring_version and cutoffs.cutoff_on = touches.cutoff_on
    left join sides
        on sides.account_id = touches.account_id and sides.scoring_version = touches.scoring_version
    left join profiles
        on profiles.account_id = touches.account_id

)

select
    account_id,
    scoring_version,
    case
        when stable_class is null then null
        when expected_return is null then 'held: today the return is not known'
        else
            concat(
                'high touch returns ', return_units, ' ', currency, ' a year',
                case when left_out like '%growth%' or left_out like '%metered_use%' then ' or more' end,
                ': retention ', retention_units, ' + expansion ', coalesce(expansion_units, 'unknown'),
                ' - cost ', cost_units, '; the hours of ', cast(cutoff_on as varchar), ' go to returns ', enough,
                preference
            )
    end as reason,
    case
        when stable_class is null then null
        when cutoff is null then 'hours of the team: high'
        when stable_class = 'high'
            then
                concat(
                    decisive_days, ' fresh days in a row with a return of at most ', exit_units, ' ', currency,
                    not_before, ': low'
                )
        else concat(decisive_days, ' fresh days in a row with a return ', enough, not_before, ': high')
    end as would_change,
    case when stable_class is not null then assumed end as assumed
from told
