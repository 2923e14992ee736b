-- The native amounts of an account and currency as a step function: constant from one change to the next.
-- It starts with the first MRR and never ends, so that an account that left stays in sight at zero.
with lines as (

    select * from {{ ref('int_billing_lines') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

worth as (

    select
        lines.*,
        case
            when lines.renews_on <= lines.valid_from + parameters.renewal_horizon_days then lines.net_mrr
            else 0
        end as renewing_mrr
    from lines
    cross join parameters
    where
        lines.net_mrr > 0
        or lines.contract_mrr > 0
        or lines.provisional_mrr > 0
        or lines.paused_mrr > 0
        or lines.usage_mrr > 0

),

-- every line adds its amounts where an interval begins and takes them back where it ends
changes as (

    select
        account_id,
        currency,
        valid_from as changed_on,
        net_mrr,
        contract_mrr,
        provisional_mrr,
        paused_mrr,
        renewing_mrr
    from worth
    union all
    select
        account_id,
        currency,
        valid_to as changed_on,
        -net_mrr as net_mrr,
        -contract_mrr as contract_mrr,
        -provisional_mrr as provisional_mrr,
        -paused_mrr as paused_mrr,
        -renewing_mrr as renewing_mrr
    from worth
    where valid_to is not null

),

{%- set amounts = ['net_mrr', 'contract_mrr', 'provisional_mrr', 'paused_mrr', 'renewing_mrr'] %}

net_changes as (

    select
        account_id,
        currency,
        changed_on{% for amount in amounts %},
        sum({{ amount }}) as {{ amount }}{% endfor %}
    from changes
    group by
        account_id,
        currency,
        changed_on

),

running as (

    select
        account_id,
        currency,
        changed_on as valid_from,
        lead(changed_on) over (partition by account_id, currency order by changed_on) as valid_to
        {%- for amount in amounts %},
        cast(sum({{ amount }}) over (
            partition by account_id, currency order by changed_on
            rows between unbounded preceding and current row
        ) as bigint) as {{ amount }}{% endfor %}
    from net_changes

),

-- metered lines of one account and currency share one amount
metered as (

    select
        running.account_id,
        running.currency,
        running.valid_from,
        max(worth.usage_mrr) as usage_mrr
    from running
    inner join worth
        on
            worth.account_id = running.account_id
            and worth.currency = running.currency
            and worth.valid_from <= running.valid_from
            and {{ open_ended('worth.valid_to') }} > running.valid_from
    where worth.pricing = 'metered'
    group by
        running.account_id,
        running.currency,
        running.valid_from

)

select
    running.*,
    coalesce(metered.usage_mrr, 0) as usage_mrr
from running
left join metered
    on
        metered.account_id = running.account_id
        and metered.currency = running.currency
        and metered.valid_from = running.valid_from
