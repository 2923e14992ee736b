-- every human decision on a segment beside the class that was computed, and whether the computed class came to agree
with decisions as (

    select * from {{ ref('int_segment_decisions') }}
    where set_on <= {{ as_of() }}

),

versions as (

    select * from {{ ref('scoring_versions') }}

),

history as (

    select * from {{ ref('account_segment_history') }}

),

compared as (

    select
        decisions.*,
        versions.scoring_version,
        decisions.until_on > {{ as_of() }} as is_in_force,
        when_set.class as computed_class_when_set,
        when_ended.class as computed_class_when_ended,
        coalesce(
            decisions.segment, case when decisions.decision = 'confirm' then when_set.class end
        ) as override_class
    from decisions
    cross join versions
    left join history as when_set
        on
            when_set.account_id = decisions.account_id
            and when_set.axis = decisions.axis
            and when_set.scoring_version = versions.scoring_version
            and when_set.valid_from <= decisions.set_on
            and {{ open_ended('when_set.valid_to') }} > decisions.set_on
    left join history as when_ended
        on
            when_ended.account_id = decisions.account_id
            and when_ended.axis = decisions.axis
            and when_ended.scoring_version = versions.scoring_version
            and when_ended.valid_from <= decisions.until_on
            and {{ open_ended('when_ended.valid_to') }} > decisions.until_on
            and decisions.until_on <= {{ as_of() }}

)

select
    account_id,
    axis,
    set_on,
    scoring_version,
    decision,
    override_class,
    reason,
    author,
    until_on,
    is_in_force,
    case when not is_in_force then ends_because end as ended_because,
    case when is_in_force then reconfirm_by end as reconfirm_by,
    computed_class_when_set,
    computed_class_when_ended,
    case
        when not is_in_force then coalesce(computed_class_when_ended = override_class, false)
    end as has_computed_agreed
from compared
