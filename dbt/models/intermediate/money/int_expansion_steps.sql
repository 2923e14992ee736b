-- expansion of the window that ends on a day, as a step function per account: each amount comes in on its day
-- and leaves the window behind it
with movements as (

    select
        account_id,
        as_of_on,
        mrr_change
    from {{ ref('int_mrr_movements') }}
    where movement = 'expansion'

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

changes as (

    select
        account_id,
        as_of_on as changed_on,
        mrr_change
    from movements
    union all
    select
        movements.account_id,
        movements.as_of_on + parameters.expansion_window_days as changed_on,
        -movements.mrr_change as mrr_change
    from movements
    cross join parameters

),

summed as (

    select
        account_id,
        changed_on,
        sum(mrr_change) as mrr_change
    from changes
    group by
        account_id,
        changed_on

)

select
    account_id,
    changed_on as valid_from,
    lead(changed_on) over (partition by account_id order by changed_on) as valid_to,
    cast(sum(mrr_change) over (
        partition by account_id order by changed_on rows between unbounded preceding and current row
    ) as bigint) as expansion_mrr
from summed
