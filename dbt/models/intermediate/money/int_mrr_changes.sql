{{ config(materialized='incremental', replace_days_domain='money') }}

-- The day's change of an account and currency, cut into what the rate did (fx), what other accounts brought or
-- took (merge), what moved between currencies (transfer) and the rest. Whole minor units; the parts make the whole.
-- On the first day of the tables the day before is valued at the first day's rate, for want of a row of its own.
with steps as (

    select
        account_id,
        currency,
        valid_from,
        valid_to,
        net_mrr,
        coalesce(lag(net_mrr) over (partition by account_id, currency order by valid_from), 0) as net_mrr_before
    from {{ ref('int_mrr_steps') }}

),

rates as (

    select * from {{ ref('int_fx_daily') }}
    where as_of_on >= {{ recompute_from('money') }} - 1

),

merge_edges as (

    select * from {{ ref('int_account_merges') }}
    where merged_on between {{ recompute_from('money') }} and {{ as_of() }}

),

merge_spans as (

    select * from {{ ref('int_account_merge_spans') }}

),

run as (

    select * from {{ source('ops', 'run') }}

),

-- days on which the amount takes a step
stepped as (

    select
        account_id,
        currency,
        valid_from as as_of_on,
        net_mrr_before as native_before,
        net_mrr as native_after
    from steps
    where valid_from between {{ recompute_from('money') }} and {{ as_of() }}

),

-- what an account held the evening before it was merged goes to the account that it is part of now
moved as (

    select
        merge_edges.from_account_id,
        merge_spans.into_account_id,
        merge_edges.merged_on as as_of_on,
        steps.currency,
        steps.net_mrr as native_mrr
    from merge_edges
    inner join merge_spans
        on
            merge_spans.account_id = merge_edges.from_account_id
            and merge_spans.valid_from <= merge_edges.merged_on
            and {{ open_ended('merge_spans.valid_to') }} > merge_edges.merged_on
    inner join steps
        on
            steps.account_id = merge_edges.from_account_id
            and steps.valid_from < merge_edges.merged_on
            and {{ open_ended('steps.valid_to') }} >= merge_edges.merged_on
    where steps.net_mrr > 0

),

merged as (

    select
        account_id,
        currency,
        as_of_on,
        sum(native_mrr) as native_mrr
    from (
        select
            into_account_id as account_id,
            currency,
            as_of_on,
            native_mrr
        from moved
        union all
        select
            from_account_id as account_id,
            currency,
            as_of_on,
            -native_mrr as native_mrr
        from moved
    ) as sides
    group by
        account_id,
        currency,
        as_of_on

),

-- a step in one currency is judged with all currencies of its account in sight
beside as (

    select distinct
        stepped.account_id,
        steps.currency,
        stepped.as_of_on,
        steps.net_mrr as native_before,
        steps.net_mrr as native_after
    from stepped
    inner join steps
        on
            steps.account_id = stepped.account_id
            and steps.currency <> stepped.currency
            and steps.valid_from < stepped.as_of_on
            and {{ open_ended('steps.valid_to') }} > stepped.as_of_on

),

-- money in another currency moves with its rate every day
exposed as (

    select
        steps.account_id,
        steps.currency,
        {{ day_series(
            'greatest(steps.valid_from + 1, ' ~ recompute_from('money') ~ ')',
            'least(coalesce(steps.valid_to - 1, ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
        ) }} as as_of_on,
        steps.net_mrr as native_before,
        steps.net_mrr as native_after
    from steps
    inner join run
        on run.reporting_currency <> steps.currency
    where
        steps.net_mrr > 0
        and steps.valid_from < {{ as_of() }}
        and {{ open_ended('steps.valid_to') }} > {{ recompute_from('money') }}

),

considered as (

    select
        account_id,
        currency,
        as_of_on,
        native_before,
        native_after
    from stepped
    union all
    select
        account_id,
        currency,
        as_of_on,
        native_before,
        native_after
    from exposed
    union all
    select
        beside.account_id,
        beside.currency,
        beside.as_of_on,
        beside.native_before,
        beside.native_after
    from beside
    inner join run
        on run.reporting_currency = beside.currency or beside.native_after = 0

),

valued as (

    select
        considered.account_id,
        considered.currency,
        considered.as_of_on,
        considered.native_before,
        considered.native_after,
        cast(coalesce(merged.native_mrr, 0) as bigint) as native_merge,
        today.numerator,
        today.denominator,
        case
            when considered.as_of_on = {{ first_day() }} then today.numerator
            else yesterday.numerator
        end as numerator_before,
        case
            when considered.as_of_on = {{ first_day() }} then today.denominator
            else yesterday.denominator
        end as denominator_before
    from considered
    left join merged
        on
            merged.account_id = considered.account_id
            and merged.currency = considered.currency
            and merged.as_of_on = considered.as_of_on
    left join rates as today
        on today.currency = considered.currency and today.as_of_on = considered.as_of_on
    left join rates as yesterday
        on yesterday.currency = considered.currency and yesterday.as_of_on = considered.as_of_on - 1

),

amounts as (

    select
        valued.*,
        case
            when valued.native_before = 0 then 0
            else {{ converted('valued.native_before', 'valued', 'numerator_before', 'denominator_before') }}
        end as mrr_before,
        case
            when valued.native_before = 0 then 0
            else {{ converted('valued.native_before', 'valued') }}
        end as mrr_before_today,
        case
            when valued.native_before + valued.native_merge = 0 then 0
            else {{ converted('(valued.native_before + valued.native_merge)', 'valued') }}
        end as mrr_merged_today,
        case
            when valued.native_after = 0 then 0
            else {{ converted('valued.native_after', 'valued') }}
        end as mrr_after
    from valued

)

select
    account_id,
    currency,
    as_of_on,
    native_before,
    native_merge,
    native_after,
    cast(mrr_before as bigint) as mrr_before,
    cast(mrr_before_today - mrr_before as bigint) as fx_change,
    cast(mrr_merged_today - mrr_before_today as bigint) as merge_change,
    cast(mrr_after - mrr_merged_today as bigint) as rest_change,
    cast(mrr_after as bigint) as mrr_after
from amounts
