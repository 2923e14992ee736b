with merged_accounts as (

    select
        from_account_id,
        into_account_id,
        merged_on,
        row_number() over (
            partition by from_account_id order by _slot desc, merged_on desc, _known_on desc, _row desc
        ) as later_rows
    from {{ ref('stg_crm__account_merges') }}

)

select
    from_account_id,
    into_account_id,
    merged_on
from merged_accounts
where later_rows = 1 and from_account_id <> into_account_id
