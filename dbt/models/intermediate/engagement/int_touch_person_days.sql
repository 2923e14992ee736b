-- interactions of a person per kind, stage and day, under the account that they count for on their day
with touchpoints as (

    select * from {{ ref('stg_crm__touchpoints') }}

),

merge_spans as (

    select * from {{ ref('int_account_merge_spans') }}

),

stages as (

    select distinct stage from {{ ref('engagement_weights') }}

)

select
    coalesce(merge_spans.into_account_id, touchpoints.account_id) as account_id,
    case
        when merge_spans.account_id is null then touchpoints.user_id
        else concat_ws('/', touchpoints.account_id, touchpoints.user_id)
    end as person_key,
    touchpoints.kind,
    coalesce(stages.stage, 'any') as stage,
    touchpoints.occurred_on as as_of_on,
    cast(count(*) as bigint) as n
from touchpoints
left join stages on stages.stage = touchpoints.stage
left join merge_spans
    on
        merge_spans.account_id = touchpoints.account_id
        and merge_spans.valid_from <= touchpoints.occurred_on
        and touchpoints.occurred_on < {{ open_ended('merge_spans.valid_to') }}
where touchpoints.user_id is not null
group by
    coalesce(merge_spans.into_account_id, touchpoints.account_id),
    case
        when merge_spans.account_id is null then touchpoints.user_id
        else concat_ws('/', touchpoints.account_id, touchpoints.user_id)
    end,
    touchpoints.kind,
    coalesce(stages.stage, 'any'),
    touchpoints.occurred_on
