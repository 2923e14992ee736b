-- what is known of an account, from when to when: its CRM record speaks first, then the further facts, of which the
-- one that holds from the latest day counts, and of several feeds the first by name
{%- set columns = [
    'size_band', 'industry', 'region', 'country', 'language', 'customer_type', 'business_model', 'life_stage',
    'lead_source',
] %}
with profiles as (

    select * from {{ ref('int_account_profiles') }}

),

facts as (

    select * from {{ ref('int_attribute_intervals') }}

),

told as (

    {% for column in columns -%}
    select
        account_id,
        '{{ column }}' as attribute,
        {{ column }} as value,
        valid_from,
        {{ open_ended('valid_to') }} as valid_to,
        1 as source_rank,
        cast('0001-01-01' as date) as holds_from_on,
        '' as feed
    from profiles
    where coalesce({{ column }}, 'unknown') not in ('unknown', '')
    union all
    {% endfor -%}
    select
        account_id,
        attribute,
        value,
        valid_from,
        {{ open_ended('valid_to') }} as valid_to,
        2 as source_rank,
        coalesce(holds_from_on, cast('0001-01-01' as date)) as holds_from_on,
        _feed as feed
    from facts

),

breaks as (

    select
        account_id,
        attribute,
        valid_from as break_on
    from told
    union
    select
        account_id,
        attribute,
        valid_to as break_on
    from told

),

spans as (

    select
        account_id,
        attribute,
        break_on as valid_from,
        lead(break_on) over (partition by account_id, attribute order by break_on) as valid_to
    from breaks

),

ranked as (

    select
        spans.account_id,
        spans.attribute,
        told.value,
        spans.valid_from,
        spans.valid_to,
        row_number() over (
            partition by spans.account_id, spans.attribute, spans.valid_from
            order by told.source_rank asc, told.holds_from_on desc, told.feed asc
        ) as speaker
    from spans
    inner join told
        on
            told.account_id = spans.account_id
            and told.attribute = spans.attribute
            and told.valid_from <= spans.valid_from
            and told.valid_to > spans.valid_from

)

select
    account_id,
    attribute,
    value,
    valid_from,
    valid_to
from ranked
where speaker = 1
