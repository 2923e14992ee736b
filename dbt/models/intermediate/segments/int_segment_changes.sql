{{ config(materialized='incremental', replace_days_domain='scores') }}

-- every change of a stable class, and the day to compare with: the last one before the fresh days that decided, and
-- where a source was stale then, the last one before it stopped
with changes as (

    select
        *,
        as_of_on - 1 - least(coalesce(earlier_pending_days, 0), {{ longest_wait_days() }}) as decided_after_on
    from {{ ref('int_segment_steps') }}
    where
        as_of_on >= {{ recompute_from('scores') }}
        and not is_first
        and coalesce(class, '') <> coalesce(earlier_class, '')

),

held as (

    select
        changes.*,
        case
            when
                {{ axis_value('status', 'decided', 'changes.axis') }} = 'held_stale'
                and decided.stale_since_on >= changes.decided_after_on - {{ look_back_days('carry') }}
                then decided.stale_since_on - 1
        end as held_after_on
    from changes
    left join {{ ref('account_segments_daily') }} as decided
        on
            decided.account_id = changes.account_id
            and decided.scoring_version = changes.scoring_version
            and decided.as_of_on = changes.decided_after_on
            and decided.as_of_on >= {{ recompute_from('scores') }} - 1 - {{ longest_wait_days() }}

)

select
    held.account_id,
    held.as_of_on,
    held.scoring_version,
    held.axis,
    held.earlier_class as from_class,
    held.class as to_class,
    held.unknown_because,
    coalesce(
        before_stale.as_of_on
        - least(coalesce({{ axis_value('pending_days', 'before_stale', 'held.axis') }}, 0), {{ longest_wait_days() }}),
        held.decided_after_on
    ) as compared_on
from held
left join {{ ref('account_segments_daily') }} as before_stale
    on
        before_stale.account_id = held.account_id
        and before_stale.scoring_version = held.scoring_version
        and before_stale.as_of_on = held.held_after_on
        and before_stale.as_of_on
        >= {{ recompute_from('scores') }} - 2 - {{ longest_wait_days() }} - {{ look_back_days('carry') }}
order by held.as_of_on
