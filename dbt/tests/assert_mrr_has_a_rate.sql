-- Money in a currency whose last rate is missing or more than a week old has no amount in the reporting currency,
-- and no rate is ever assumed: it blocks.
select
    currency,
    as_of_on,
    accounts
from {{ ref('int_fx_missing') }}
