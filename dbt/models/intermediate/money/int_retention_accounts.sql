-- an account's MRR at the start and at the end of each window that ends with a month; an account that was merged
-- counts as what it is part of at the end; internal accounts are left out
with month_ends as (

    select as_of_on from {{ ref('int_days') }}
    where is_month_end

),

mrr as (

    select
        account_id,
        as_of_on,
        cast(sum(mrr) as bigint) as mrr,
        max(mrr_provisional) > 0 as is_pending
    from {{ ref('int_mrr_daily') }}
    where as_of_on in (select month_ends.as_of_on from month_ends) and (mrr > 0 or mrr_provisional > 0)
    group by
        account_id,
        as_of_on

),

windows as (

    select
        as_of_on,
        1 as window_months,
        last_day({{ add_months('as_of_on', '-1') }}) as start_on
    from month_ends
    union all
    select
        as_of_on,
        12 as window_months,
        last_day({{ add_months('as_of_on', '-12') }}) as start_on
    from month_ends

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}

),

account_versions as (

    select * from {{ ref('int_account_versions') }}

),

reactivations as (

    select
        account_id,
        as_of_on
    from {{ ref('int_mrr_movements') }}
    where movement = 'reactivation'

),

sides as (

    select
        windows.as_of_on,
        windows.window_months,
        windows.start_on,
        coalesce(merged_accounts.into_account_id, mrr.account_id) as account_id,
        mrr.mrr as start_mrr,
        cast(0 as bigint) as end_mrr,
        false as is_pending
    from windows
    inner join mrr
        on mrr.as_of_on = windows.start_on
    left join merged_accounts
        on
            merged_accounts.account_id = mrr.account_id
            and merged_accounts.valid_from <= windows.as_of_on
            and {{ open_ended('merged_accounts.valid_to') }} > windows.as_of_on
    union all
    select
        windows.as_of_on,
        windows.window_months,
        windows.start_on,
        mrr.account_id,
        cast(0 as bigint) as start_mrr,
        mrr.mrr as end_mrr,
        mrr.is_pending
    from windows
    inner join mrr
        on mrr.as_of_on = windows.as_of_on

),

accounts as (

    select
        as_of_on,
        window_months,
        start_on,
        account_id,
        cast(sum(start_mrr) as bigint) as start_mrr,
        cast(sum(end_mrr) as bigint) as end_mrr,
        coalesce(bool_or(is_pending), false) as is_pending
    from sides
    group by
        as_of_on,
        window_months,
        start_on,
        account_id

),

internal as (

    select
        accounts.as_of_on,
        accounts.window_months,
        accounts.account_id
    from accounts
    inner join account_versions
        on
            account_versions.account_id = accounts.account_id
            and account_versions.valid_from <= accounts.as_of_on
            and {{ open_ended('account_versions.valid_to') }} > accounts.as_of_on
    where account_versions.is_internal
    group by
        accounts.as_of_on,
        accounts.window_months,
        accounts.account_id

),

returned as (

    select distinct
        accounts.as_of_on,
        accounts.window_months,
        accounts.account_id
    from accounts
    inner join reactivations
        on
            reactivations.account_id = accounts.account_id
            and reactivations.as_of_on > accounts.start_on
            and reactivations.as_of_on <= accounts.as_of_on

)

select
    accounts.as_of_on,
    accounts.window_months,
    accounts.start_on,
    accounts.account_id,
    accounts.start_mrr,
    accounts.end_mrr,
    accounts.is_pending,
    returned.account_id is not null as is_reactivated
from accounts
left join returned
    on
        returned.as_of_on = accounts.as_of_on
        and returned.window_months = accounts.window_months
        and returned.account_id = accounts.account_id
left join internal
    on
        internal.as_of_on = accounts.as_of_on
        and internal.window_months = accounts.window_months
        and internal.account_id = accounts.account_id
where internal.account_id is null
