-- today's lifecycle stage in words: what decided it, and what would give another
with stages as (

    select * from {{ ref('int_lifecycle_daily') }}
    where as_of_on = {{ as_of() }}

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['onboarding_days', 'mature_breadth', 'growth_breadth']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'lifecycle'
    group by scoring_version

),

left_classes as (

    select * from {{ ref('segment_classes') }}
    where axis = 'lifecycle'

)

select
    stages.account_id,
    stages.scoring_version,
    case stages.stable_class
        when 'churned' then 'paid from ' || cast(stages.first_paid_on as varchar) || ' and does not any more'
        when 'paused' then 'billing is paused'
        when 'trial' then 'on trial, and has never paid'
        when 'free' then 'has never paid'
        when 'onboarding'
            then
                concat('no activation was seen in ', stages.paid_days, ' paid days of ', parameters.onboarding_days)
        else
            case
                when stages.stable_class is not null
                    then
                        concat(
                            'breadth ', coalesce({{ percent('stages.breadth_micro') }}, 'unknown'), ', seats used ',
                            coalesce({{ percent('stages.seat_utilisation_micro') }}, 'unknown'), ', use in 180 days ',
                            coalesce({{ percent('1e6 * (pow(2e0, stages.doublings_micro / 1e6) - 1)') }}, 'unknown')
                        )
            end
    end as reason,
    nullif(concat_ws(
        '; ',
        case stages.stable_class
            when 'adoption'
                then concat('breadth of at least ', {{ percent('1e6 * parameters.growth_breadth') }}, ': growth')
            when 'growth'
                then
                    concat(
                        'breadth of at least ', {{ percent('1e6 * parameters.mature_breadth') }},
                        ' with full seats and steady use: mature'
                    )
            when 'mature' then 'fewer seats or features in use, or fast growth: growth or adoption'
            when 'onboarding' then 'activation, or the last day of onboarding'
            when 'churned' then 'a subscription in force'
        end,
        case when not left_classes.is_immediate then stages.left_class || ' again' || {{ not_before('stages') }} end
    ), '') as would_change
from stages
inner join parameters
    on parameters.scoring_version = stages.scoring_version
left join left_classes
    on left_classes.class = stages.left_class
