-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (a loop writes selects here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what an account's MRR was 180 and 365 days ago: at today's rates, so that a currency has no momentum,
-- and with what has been merged into it since; null where a rate is missing
with rates as (

    select * from {{ ref('int_fx_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merges') }}

),

-- a renewal that is pending counts at both ends
past as (

    {%- for days in [180, 365] %}
    select
        account_id as past_account_id,
        currency,
        {{ days }} as days_ago,
        as_of_on + {{ days }} as as_of_on,
        native_mrr + native_mrr_provisional as native_mrr
    from {{ ref('int_mrr_daily') }}
    where
        as_of_on >= {{ recompute_from('scores') }} - {{ days }}
        and as_of_on <= {{ as_of() }} - {{ days }}
        and native_mrr + native_mrr_provisional > 0
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

valued as (

    select
        past.as_of_on,
        past.days_ago,
        coalesce(merged_accounts.into_account_id, past.past_account_id) as account_id,
        {{ converted('past.native_mrr', 'rates') }} as mrr
    from past
    left join merged_accounts
        on
            merged_accounts.from_account_id = past.past_account_id
            and merged_accounts.merged_on <= past.as_of_on
    left join rates
        on rates.currency = past.currency and rates.as_of_on = past.as_of_on

)

select
    account_id,
    as_of_on,
    {%- for days in [180, 365] %}
    case
        when count(case when days_ago = {{ days }} and mrr is null then 1 end) = 0
            then cast(coalesce(sum(case when days_ago = {{ days }} then mrr end), 0) as bigint)
    end as mrr_{{ days }}d_ago{% if not loop.last %},{% endif %}
    {%- endfor %}
from valued
group by
    account_id,
    as_of_on
order by as_of_on
