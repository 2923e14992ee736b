with run as (

    select * from {{ source('ops', 'run') }}

),

days as (

    select {{ day_series('run.first_day', 'run.as_of_on') }} as as_of_on
    from run

)

select
    cast(as_of_on as date) as as_of_on,
    cast(date_trunc('month', as_of_on) as date) as month_on,
    as_of_on = last_day(as_of_on) as is_month_end
from days
