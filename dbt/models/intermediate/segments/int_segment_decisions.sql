-- what people decided about a segment, from the day it was set until it expires or is decided anew;
-- of several decisions of one day the one that was delivered last counts
with overrides as (

    select * from {{ ref('stg_crm__overrides') }}

),

parameters as (

    select
        max(case when parameter = 'override_days' then value end) as override_days,
        max(case when parameter = 'override_reconfirm_days' then value end) as reconfirm_days
    from {{ ref('segment_history_parameters') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by account_id, axis, set_on
            order by _slot desc, _row desc, _delivery desc
        ) as later_decisions
    from overrides

),

followed as (

    select
        *,
        lead(set_on) over (partition by account_id, axis order by set_on) as next_set_on
    from numbered
    where later_decisions = 1

),

ended as (

    select
        followed.*,
        parameters.reconfirm_days,
        least(followed.expires_on, cast(followed.set_on + parameters.override_days as date)) as expired_on
    from followed
    cross join parameters

)

select
    account_id,
    axis,
    set_on,
    decision,
    segment,
    reason,
    author,
    least({{ open_ended('next_set_on') }}, expired_on) as until_on,
    case when next_set_on < expired_on then 'replaced' else 'expired' end as ends_because,
    cast(expired_on - reconfirm_days as date) as reconfirm_by
from ended
