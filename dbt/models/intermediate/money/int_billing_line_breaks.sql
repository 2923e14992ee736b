-- every day on which something about a line may change while it is in force; each begins an interval
with dates as (

    select * from {{ ref('int_billing_line_dates') }}

),

terms as (

    select * from {{ ref('int_billing_line_terms') }}

),

statuses as (

    select * from {{ ref('int_billing_line_statuses') }}

),

renewals as (

    select * from {{ ref('int_billing_line_renewals') }}

),

merged_accounts as (

    select * from {{ ref('int_account_merge_spans') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

renewal_days as (

    select
        line_key,
        renews_on
    from renewals
    union
    select
        line_key,
        renews_on
    from terms
    where renews_on is not null

),

metered_lines as (

    select distinct line_key from terms
    where pricing = 'metered'

),

-- usage MRR is settled anew on the first of each month
metered as (

    select
        dates.line_key,
        {{ day_series('dates.starts_on', 'least(coalesce(dates.closes_on, ' ~ as_of() ~ '), ' ~ as_of() ~ ')') }}
            as break_on
    from dates
    where
        dates.starts_on <= {{ as_of() }}
        and dates.line_key in (select metered_lines.line_key from metered_lines)

),

breaks as (

    select
        line_key,
        starts_on as break_on
    from dates
    union
    select
        line_key,
        notice_on as break_on
    from dates
    union
    select
        line_key,
        canceled_from as break_on
    from dates
    union
    select
        line_key,
        trial_ends_on as break_on
    from dates
    union
    select
        line_key,
        valid_from as break_on
    from terms
    union
    select
        line_key,
        valid_to as break_on
    from terms
    union
    select
        line_key,
        discount_ends_on as break_on
    from terms
    union
    select
        line_key,
        from_on as break_on
    from statuses
    union
    select
        line_key,
        renews_on + 1 as break_on
    from terms
    union
    select
        line_key,
        valid_from as break_on
    from renewals
    union
    select
        renewal_days.line_key,
        renewal_days.renews_on - parameters.renewal_horizon_days as break_on
    from renewal_days
    cross join parameters
    union
    select
        line_key,
        break_on
    from metered
    where break_on = cast(date_trunc('month', break_on) as date)
    union
    select
        dates.line_key,
        merged_accounts.valid_from as break_on
    from dates
    inner join merged_accounts on merged_accounts.account_id = dates.account_id

)

select
    breaks.line_key,
    breaks.break_on as valid_from,
    coalesce(
        lead(breaks.break_on) over (partition by breaks.line_key order by breaks.break_on),
        dates.closes_on
    ) as valid_to
from breaks
inner join dates
    on dates.line_key = breaks.line_key
where
    breaks.break_on >= dates.starts_on
    and (dates.closes_on is null or breaks.break_on < dates.closes_on)
