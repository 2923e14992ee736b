-- the account at the top of a family, and since when; an account whose way up runs into a circle is on its own
with recursive parents as (

    select * from {{ ref('int_account_parents') }}

),

paths (account_id, ancestor_id, valid_from, valid_to, steps, is_circle, passed) as (

    select
        account_id,
        parent_account_id as ancestor_id,
        valid_from,
        valid_to,
        1 as steps,
        false as is_circle,
        concat('|', account_id, '|', parent_account_id, '|') as passed
    from parents

    union all

    select
        paths.account_id,
        parents.parent_account_id as ancestor_id,
        greatest(paths.valid_from, parents.valid_from) as valid_from,
        least(paths.valid_to, parents.valid_to) as valid_to,
        paths.steps + 1 as steps,
        paths.passed like concat('%|', parents.parent_account_id, '|%') as is_circle,
        concat(paths.passed, parents.parent_account_id, '|') as passed
    from paths
    inner join parents
        on
            parents.account_id = paths.ancestor_id
            and parents.valid_from < paths.valid_to
            and parents.valid_to > paths.valid_from
    where not paths.is_circle

),

breaks as (

    select
        account_id,
        valid_from as break_on
    from paths
    union
    select
        account_id,
        valid_to as break_on
    from paths

),

spans as (

    select
        account_id,
        break_on as valid_from,
        lead(break_on) over (partition by account_id order by break_on) as valid_to
    from breaks

),

ranked as (

    select
        spans.account_id,
        spans.valid_from,
        spans.valid_to,
        paths.ancestor_id,
        paths.is_circle,
        row_number() over (
            partition by spans.account_id, spans.valid_from order by paths.steps desc, paths.ancestor_id asc
        ) as higher
    from spans
    inner join paths
        on
            paths.account_id = spans.account_id
            and paths.valid_from <= spans.valid_from
            and paths.valid_to > spans.valid_from

)

select
    account_id,
    ancestor_id as family_id,
    valid_from,
    valid_to
from ranked
where higher = 1 and not is_circle
