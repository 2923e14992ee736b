-- the parameters that hold for every table, side by side
with parameters as (

    select * from {{ ref('quality_parameters') }}

)

select
    cast(max(case when parameter = 'weekly_slot_age_days' then value end) as integer) as weekly_slot_age_days,
    cast(max(case when parameter = 'late_after_days' then value end) as integer) as late_after_days,
    cast(max(case when parameter = 'volume_weekdays_back' then value end) as integer) as volume_weekdays_back,
    cast(max(case when parameter = 'volume_weekdays_known' then value end) as integer) as volume_weekdays_known,
    max(case when parameter = 'volume_share_pct' then value end) as volume_share_pct,
    max(case when parameter = 'volume_usual_rows' then value end) as volume_usual_rows,
    max(case when parameter = 'accounts_share_pct' then value end) as accounts_share_pct,
    max(case when parameter = 'accounts_usual' then value end) as accounts_usual,
    cast(max(case when parameter = 'unknown_accounts_days' then value end) as integer) as unknown_accounts_days
from parameters
where table_name = '*'
