-- Money in a currency whose last rate is missing or more than a week old has no amount in the reporting currency,
-- and no rate is ever assumed: it blocks.
select
    currency,
    'no rate for ' || currency || ' on ' || cast(min(as_of_on) as varchar) || case
        when count(*) = 2 then ' (and 1 more day)'
        when count(*) > 2 then ' (and ' || cast(count(*) - 1 as varchar) || ' more days)'
        else ''
    end as said
from {{ ref('int_fx_missing') }}
group by currency
