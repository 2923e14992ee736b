-- Who holds which role from when to when. A person may hold several roles at once;
-- someone the contacts know acts as a user on the days without any role (before, between, after).
with contact_versions as (

    select * from {{ ref('int_contact_versions') }}

),

merge_spans as (

    select * from {{ ref('int_account_merge_spans') }}

),

held as (

    select
        account_id,
        user_id,
        buying_role,
        valid_from,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as valid_to
    from contact_versions
    where coalesce(is_active, true)

),

-- intervals of one role that overlap or touch become one
ordered as (

    select
        *,
        max(valid_to) over (
            partition by account_id, user_id, buying_role order by valid_from, valid_to
            rows between unbounded preceding and 1 preceding
        ) as covered_to
    from held
    where valid_to > valid_from

),

numbered as (

    select
        *,
        sum(case when covered_to >= valid_from then 0 else 1 end) over (
            partition by account_id, user_id, buying_role order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as run_number
    from ordered

),

roles as (

    select
        account_id,
        user_id,
        buying_role,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        true as is_contact
    from numbered
    group by
        account_id,
        user_id,
        buying_role,
        run_number

),

any_role as (

    select
        account_id,
        user_id,
        valid_from,
        max(valid_to) over (
            partition by account_id, user_id order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as covered_to,
        row_number() over (partition by account_id, user_id order by valid_from, valid_to) as role_number
    from roles

),

-- everyone listed, also where no role was ever in force
people as (

    select distinct
        account_id,
        user_id
    from contact_versions

),

gaps as (

    select
        account_id,
        user_id,
        covered_to as valid_from,
        lead(valid_from, 1, cast('9999-12-31' as date)) over (
            partition by account_id, user_id order by role_number
        ) as valid_to
    from any_role
    union all
    select
        people.account_id,
        people.user_id,
        cast('0001-01-01' as date) as valid_from,
        coalesce(any_role.valid_from, cast('9999-12-31' as date)) as valid_to
    from people
    left join any_role
        on any_role.account_id = people.account_id and any_role.user_id = people.user_id and any_role.role_number = 1

),

spans as (

    select * from roles
    union all
    select
        account_id,
        user_id,
        'user' as buying_role,
        valid_from,
        valid_to,
        false as is_contact
    from gaps
    where valid_to > valid_from

),

first_merges as (

    select
        account_id,
        min(valid_from) as merged_on
    from merge_spans
    group by account_id

)

-- from the day of its merge on, a person of a merged account counts for the one it merged into
select
    spans.account_id,
    spans.user_id as person_key,
    spans.buying_role,
    spans.valid_from,
    least(spans.valid_to, coalesce(first_merges.merged_on, spans.valid_to)) as valid_to,
    spans.is_contact
from spans
left join first_merges
    on first_merges.account_id = spans.account_id
where first_merges.merged_on is null or spans.valid_from < first_merges.merged_on
union all
select
    merge_spans.into_account_id as account_id,
    concat_ws('/', spans.account_id, spans.user_id) as person_key,
    spans.buying_role,
    greatest(spans.valid_from, merge_spans.valid_from) as valid_from,
    least(spans.valid_to, coalesce(merge_spans.valid_to, spans.valid_to)) as valid_to,
    spans.is_contact
from spans
inner join merge_spans
    on
        merge_spans.account_id = spans.account_id
        and merge_spans.valid_from < spans.valid_to
        and spans.valid_from < {{ open_ended('merge_spans.valid_to') }}
