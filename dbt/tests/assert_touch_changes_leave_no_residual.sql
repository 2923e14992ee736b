-- the lines told of a change of touch sum to the change of its return against the line that it crossed, exactly
with sums as (

    select
        account_id,
        as_of_on,
        scoring_version,
        sum(change) as change
    from {{ ref('int_segment_change_returns') }}
    where as_of_on >= {{ recompute_from('scores') }}
    group by
        account_id,
        as_of_on,
        scoring_version

),

turned as (

    select * from {{ ref('int_segment_change_predicates') }}
    where as_of_on >= {{ recompute_from('scores') }} and score = 'return'

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

distances as (

    select
        touches.account_id,
        touches.as_of_on,
        touches.scoring_version,
        turned.as_of_on as changed_on,
        touches.touch_expected_return
        - cast(round(
            touches.touch_cutoff * case when turned.holds then settings.enter_at else settings.exit_at end
        ) as bigint) as distance
    from turned
    inner join settings
        on settings.scoring_version = turned.scoring_version
    inner join {{ ref('account_segments_daily') }} as touches
        on
            touches.account_id = turned.account_id
            and touches.scoring_version = turned.scoring_version
            and touches.as_of_on in (turned.as_of_on, turned.compared_on)
            and touches.as_of_on >= {{ first_compared_on() }}

),

changes as (

    select
        account_id,
        changed_on,
        scoring_version,
        sum(case when as_of_on = changed_on then distance else -distance end) as change
    from distances
    group by
        account_id,
        changed_on,
        scoring_version

)

select
    sums.account_id,
    sums.as_of_on
from sums
inner join changes
    on
        changes.account_id = sums.account_id
        and changes.scoring_version = sums.scoring_version
        and changes.changed_on = sums.as_of_on
where changes.change <> sums.change
