with retention as (

    select * from {{ ref('int_retention_monthly') }}

),

lifetimes as (

    select * from {{ ref('int_lifetime_months') }}

),

acquisition as (

    select * from {{ ref('int_acquisition_months') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

inputs as (

    select coalesce(bool_or(is_connected), false) as has_costs
    from {{ source('ops', 'inputs') }}
    where table_name = 'finance.costs'

),

won as (

    select
        retention.as_of_on,
        retention.window_months,
        cast(sum(acquisition.new_accounts) as bigint) as new_accounts,
        cast(sum(acquisition.new_mrr) as bigint) as new_mrr,
        case
            when sum(acquisition.costs_without_rate) = 0 then cast(sum(acquisition.acquisition_cost) as bigint)
        end as acquisition_cost,
        sum(acquisition.costs_without_rate) > 0 as is_rate_missing
    from retention
    inner join acquisition
        on acquisition.as_of_on > retention.start_on and acquisition.as_of_on <= retention.as_of_on
    group by
        retention.as_of_on,
        retention.window_months

),

joined as (

    select
        retention.*,
        lifetimes.months_known,
        lifetimes.account_months as lifetime_account_months,
        lifetimes.accounts_lost as lifetime_accounts_lost,
        lifetimes.mean_churn_micro,
        lifetimes.churn_low_micro,
        lifetimes.churn_high_micro,
        won.new_accounts,
        won.new_mrr,
        won.acquisition_cost,
        parameters.gross_margin_micro,
        {{ rounded_ratio('retention.end_mrr', 'retention.accounts_at_end') }} as arpa,
        {{ exact('retention.end_mrr') }} * parameters.gross_margin_micro as margin_numerator,
        {{ exact('retention.accounts_at_end') }} as margin_denominator,
        parameters.longest_lifetime_months,
        case
            when not retention.is_start_known then 'MRR at the start is not known: it lies before the first day'
            when retention.start_mrr = 0 then 'no account had MRR at the start'
        end as retention_reason,
        case
            when retention.accounts_at_end = 0 then 'no paying account'
            when lifetimes.mean_churn_micro is null then 'fewer full months of logo churn known than needed'
            when lifetimes.mean_churn_micro = 0 then 'no churn in these months'
        end as ltv_reason,
        case
            when retention.start_on + 1 < {{ first_day() }} then 'the window begins before the first day'
            when not inputs.has_costs then 'finance.costs is not connected'
            when won.is_rate_missing then 'a cost has no rate of exchange'
            when won.acquisition_cost is null then 'no acquisition cost in the window'
            when won.new_accounts = 0 then 'no new account in the window'
        end as cac_reason
    from retention
    cross join parameters
    cross join inputs
    left join lifetimes
        on lifetimes.as_of_on = retention.as_of_on
    left join won
        on won.as_of_on = retention.as_of_on and won.window_months = retention.window_months

),

final as (

    select
        as_of_on,
        window_months,
        start_on,
        accounts_at_start,
        accounts_lost,
        accounts_pending,
        accounts_at_end,
        start_mrr,
        end_mrr,
        kept_mrr,
        kept_mrr_capped,
        {{ micro_ratio('nrr_micro') }} as nrr_ratio,
        {{ micro_ratio('grr_micro') }} as grr_ratio,
        {{ micro_ratio('nrr_stayed_micro') }} as nrr_without_reactivations_ratio,
        {{ micro_ratio('grr_stayed_micro') }} as grr_without_reactivations_ratio,
        {{ micro_ratio('logo_churn_micro') }} as logo_churn_ratio,
        {{ micro_ratio('logo_churn_monthly_micro') }} as logo_churn_monthly_ratio,
        retention_reason,
        arpa,
        {{ micro_ratio('gross_margin_micro') }} as gross_margin_ratio,
        {{ micro_ratio('mean_churn_micro') }} as mean_logo_churn_ratio,
        {{ lifetime_value('mean_churn_micro') }} as ltv,
        {{ lifetime_value('churn_high_micro') }} as ltv_low,
        {{ lifetime_value('churn_low_micro') }} as ltv_high,
        lifetime_account_months,
        lifetime_accounts_lost,
        ltv_reason,
        new_accounts,
        new_mrr,
        acquisition_cost,
        case when cac_reason is null then {{ rounded_ratio('acquisition_cost', 'new_accounts') }} end as cac,
        case
            when cac_reason is null
                then {{ micro_ratio(rounded_ratio(
                    exact('acquisition_cost') ~ ' * 1000000000000', exact('new_mrr') ~ ' * gross_margin_micro'
                )) }}
        end as payback_months,
        cac_reason
    from joined

)

select * from final
