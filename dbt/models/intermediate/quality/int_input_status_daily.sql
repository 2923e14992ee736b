-- a table is stale on the days on which any of its feeds is
with tables as (

    select * from {{ source('ops', 'inputs') }}

),

days as (

    select * from {{ ref('int_days') }}

),

feed_days as (

    select
        *,
        case
            when is_assumed then 'assumed: the first slot of ' || feed || ' speaks for the days before it'
            when not is_stale then null
            when expected = 'weekly'
                then 'no slot of ' || feed || ' has passed in the last week'
            when not is_delivered
                then 'the slot ' || cast(as_of_on as varchar) || ' of ' || feed || ' has not arrived'
            when has_too_few_rows
                then
                    'the slot ' || cast(as_of_on as varchar) || ' of ' || feed || ' has '
                    || cast(delivered_rows as varchar) || ' rows where ' || cast(cast(usual_rows as bigint) as varchar)
                    || ' are usual'
            else
                'the slot ' || cast(as_of_on as varchar) || ' of ' || feed || ' has '
                || cast(delivered_accounts as varchar) || ' accounts where '
                || cast(cast(usual_accounts as bigint) as varchar) || ' are usual'
        end as reason
    from {{ ref('int_feed_status_daily') }}

),

table_days as (

    select
        tables.table_name,
        days.as_of_on,
        tables.is_connected,
        coalesce(max(feed_days.is_stale), false) as is_stale,
        -- a feed that never passed leaves the table without a watermark
        case
            when count(feed_days.feed) = count(feed_days.watermark_on) then min(feed_days.watermark_on)
        end as watermark_on,
        case when not tables.is_connected then 'not connected' else min(feed_days.reason) end as reason
    from tables
    cross join days
    left join feed_days
        on feed_days.table_name = tables.table_name and feed_days.as_of_on = days.as_of_on
    group by
        tables.table_name,
        days.as_of_on,
        tables.is_connected

),

stretches as (

    select
        *,
        max(case when not is_stale then as_of_on end) over (
            partition by table_name order by as_of_on rows between unbounded preceding and current row
        ) as last_fresh_on,
        min(as_of_on) over (partition by table_name) as first_on
    from table_days

)

select
    table_name,
    as_of_on,
    is_connected,
    is_stale,
    case when is_stale then coalesce(cast(last_fresh_on + 1 as date), first_on) end as stale_since_on,
    watermark_on,
    reason
from stretches
