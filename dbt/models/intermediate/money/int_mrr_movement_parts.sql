{{ config(materialized='incremental', replace_days_domain='money') }}

-- what an account's change is called: judged for the account over all its currencies, net of the day
with changes as (

    select * from {{ ref('int_mrr_changes') }}
    where as_of_on >= {{ recompute_from('money') }}

),

billing_steps as (

    select * from {{ ref('int_billing_steps') }}

),

first_mrr as (

    select
        account_id,
        min(valid_from) as first_mrr_on
    from {{ ref('int_mrr_steps') }}
    where net_mrr > 0
    group by account_id

),

account_days as (

    select
        account_id,
        as_of_on,
        max(native_before + native_merge) > 0 as was_paying,
        max(native_after) > 0 as is_paying,
        cast(sum(greatest(rest_change, 0)) as bigint) as rises,
        cast(sum(greatest(-rest_change, 0)) as bigint) as falls
    from changes
    group by
        account_id,
        as_of_on

),

named as (

    select
        account_days.*,
        case
            when account_days.was_paying and account_days.is_paying then null
            when account_days.was_paying and today.is_pausing then 'pause'
            when account_days.was_paying and today.is_renewal_pending then 'pending'
            when account_days.was_paying then 'churn'
            when first_mrr.first_mrr_on >= account_days.as_of_on then 'new'
            when yesterday.is_pausing then 'resume'
            else 'reactivation'
        end as movement,
        -- between the currencies of an account that stays
        case
            when account_days.was_paying and account_days.is_paying
                then least(account_days.rises, account_days.falls)
            else 0
        end as transferred
    from account_days
    left join first_mrr
        on first_mrr.account_id = account_days.account_id
    left join billing_steps as today
        on
            today.account_id = account_days.account_id
            and today.valid_from <= account_days.as_of_on
            and {{ open_ended('today.valid_to') }} > account_days.as_of_on
    left join billing_steps as yesterday
        on
            yesterday.account_id = account_days.account_id
            and yesterday.valid_from < account_days.as_of_on
            and {{ open_ended('yesterday.valid_to') }} >= account_days.as_of_on

),

-- the transfer is dealt out to the currencies in their order until it is used up, on either side
dealt as (

    select
        changes.*,
        named.movement,
        named.transferred,
        sum(greatest(changes.rest_change, 0)) over (
            partition by changes.account_id, changes.as_of_on order by changes.currency
            rows between unbounded preceding and current row
        ) as rises_so_far,
        sum(greatest(-changes.rest_change, 0)) over (
            partition by changes.account_id, changes.as_of_on order by changes.currency
            rows between unbounded preceding and current row
        ) as falls_so_far
    from changes
    inner join named
        on named.account_id = changes.account_id and named.as_of_on = changes.as_of_on

),

transfers as (

    select
        *,
        cast(
            least(transferred, rises_so_far) - least(transferred, rises_so_far - greatest(rest_change, 0))
            - least(transferred, falls_so_far) + least(transferred, falls_so_far - greatest(-rest_change, 0))
            as bigint
        ) as transfer_change,
        native_after - native_before - native_merge as native_rest
    from dealt

)

select
    account_id,
    currency,
    as_of_on,
    mrr_before,
    mrr_after,
    native_before,
    native_after,
    fx_change,
    merge_change,
    native_merge,
    transfer_change,
    case
        when transfer_change = 0 then 0
        when transfer_change = rest_change then native_rest
        else {{ rounded_ratio('native_rest * ' ~ exact('abs(transfer_change)'), 'abs(rest_change)') }}
    end as native_transfer,
    rest_change - transfer_change as own_change,
    native_rest,
    coalesce(
        movement,
        case
            when rest_change - transfer_change > 0 then 'expansion'
            when rest_change - transfer_change < 0 then 'contraction'
            when native_rest > 0 then 'expansion'
            else 'contraction'
        end
    ) as own_movement
from transfers
