-- expected volume: the median of the same weekday over the weeks before, from enough known weekdays on
with settings as (

    select * from {{ ref('int_quality_settings') }}

),

input_days as (

    select * from {{ ref('int_input_days') }}
    where is_delivered and expected <> 'on_demand'

),

usual as (

    select
        input_days.table_name,
        input_days.feed,
        input_days.as_of_on,
        count(earlier.delivered_rows) as known_weekdays,
        percentile_cont(0.5) within group (order by earlier.delivered_rows) as usual_rows,
        percentile_cont(0.5) within group (order by earlier.delivered_accounts) as usual_accounts
    from input_days
    cross join settings
    inner join input_days as earlier
        on
            earlier.table_name = input_days.table_name
            and earlier.feed = input_days.feed
            and earlier.as_of_on < input_days.as_of_on
            and earlier.as_of_on >= input_days.as_of_on - 7 * settings.volume_weekdays_back
            and dayofweek(earlier.as_of_on) = dayofweek(input_days.as_of_on)
    group by
        input_days.table_name,
        input_days.feed,
        input_days.as_of_on

),

judged as (

    select
        input_days.table_name,
        input_days.feed,
        input_days.expected,
        input_days.as_of_on,
        input_days.is_delivered,
        input_days.delivered_rows,
        input_days.delivered_accounts,
        usual.usual_rows,
        usual.usual_accounts,
        coalesce(
            usual.known_weekdays >= settings.volume_weekdays_known
            and usual.usual_rows >= settings.volume_usual_rows
            and 100 * input_days.delivered_rows < settings.volume_share_pct * usual.usual_rows,
            false
        ) as has_too_few_rows,
        coalesce(
            usual.known_weekdays >= settings.volume_weekdays_known
            and usual.usual_accounts >= settings.accounts_usual
            and 100 * input_days.delivered_accounts < settings.accounts_share_pct * usual.usual_accounts,
            false
        ) as has_too_few_accounts
    from input_days
    cross join settings
    left join usual
        on
            usual.table_name = input_days.table_name
            and usual.feed = input_days.feed
            and usual.as_of_on = input_days.as_of_on

)

select * from judged
