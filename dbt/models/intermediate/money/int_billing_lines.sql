with versions as (

    select * from {{ ref('int_subscription_line_versions') }}

)

select
    concat_ws('|', _feed, subscription_id, item_id, cast(starts_at as varchar), cast(version_number as varchar))
        as line_key,
    account_id,
    case when version_number = 1 then least(starts_on, valid_from) else valid_from end as valid_from,
    valid_to,
    content
from versions
