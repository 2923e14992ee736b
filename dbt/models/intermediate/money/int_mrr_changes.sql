{{ config(materialized='incremental', replace_days_domain='money') }}

-- The day's change of an account and currency, cut into what the rate did (fx), what other accounts brought or
-- took (merge), what moved between currencies (transfer) and the rest. Whole minor units; the parts make the whole.
-- On the first day of the tables the day before is valued at the first day's rate, for want of a row of its own.
with steps as (

    select * from {{ ref('int_mrr_steps') }}
    where valid_to is null or valid_to >= {{ recompute_from('money') }} - 1

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

    select distinct
        account_id,
        valid_from as as_of_on
    from steps
    where valid_from between {{ recompute_from('money') }} and {{ as_of() }}

),

account_currencies as (

    select distinct
        account_id,
        currency
    from steps

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
            and (merge_spans.valid_to is null or merge_spans.valid_to > merge_edges.merged_on)
    inner join steps
        on
            steps.account_id = merge_edges.from_account_id
            and steps.valid_from < merge_edges.merged_on
            and (steps.valid_to is null or steps.valid_to >= merge_edges.merged_on)
    where steps.net_mrr > 0

),

merged as (

    select account_id, currency, as_of_on, sum(native_mrr) as native_mrr
    from (
        select into_account_id as account_id, currency, as_of_on, native_mrr from moved
        union all
        select from_account_id as account_id, currency, as_of_on, -native_mrr as native_mrr from moved
    ) as sides
    group by
        account_id,
        currency,
        as_of_on

),

-- money in another currency moves with its rate every day
exposed as (

    select
        steps.account_id,
        steps.currency,
        {{ day_series(
            'greatest(steps.valid_from + 1, ' ~ recompute_from('money') ~ ')',
            'least(coalesce(steps.valid_to, ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
        ) }} as as_of_on
    from steps
    inner join run
        on run.reporting_currency <> steps.currency
    where steps.net_mrr > 0 and steps.valid_from < {{ as_of() }}

),

-- a step in one currency is judged with all currencies of its account in sight
considered as (

    select
        stepped.account_id,
        account_currencies.currency,
        stepped.as_of_on
    from stepped
    inner join account_currencies
        on account_currencies.account_id = stepped.account_id
    union
    select account_id, currency, as_of_on from merged
    union
    select account_id, currency, as_of_on from exposed

),

valued as (

    select
        considered.account_id,
        considered.currency,
        considered.as_of_on,
        coalesce(before.net_mrr, 0) as native_before,
        coalesce(after.net_mrr, 0) as native_after,
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
    left join steps as before
        on
            before.account_id = considered.account_id
            and before.currency = considered.currency
            and before.valid_from < considered.as_of_on
            and (before.valid_to is null or before.valid_to >= considered.as_of_on)
    left join steps as after
        on
            after.account_id = considered.account_id
            and after.currency = considered.currency
            and after.valid_from <= considered.as_of_on
            and (after.valid_to is null or after.valid_to > considered.as_of_on)
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
        *,
        case
            when native_before = 0 then 0
            else {{ rounded_ratio('native_before * numerator_before', 'denominator_before') }}
        end as mrr_before,
        case
            when native_before = 0 then 0
            else {{ rounded_ratio('native_before * numerator', 'denominator') }}
        end as mrr_before_today,
        case
            when native_before + native_merge = 0 then 0
            else {{ rounded_ratio('(native_before + native_merge) * numerator', 'denominator') }}
        end as mrr_merged_today,
        case
            when native_after = 0 then 0
            else {{ rounded_ratio('native_after * numerator', 'denominator') }}
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
