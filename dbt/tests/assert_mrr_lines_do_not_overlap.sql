-- A line holds one set of terms at a time, or its MRR would count twice.
select
    line_key,
    valid_from,
    valid_to
from (
    select
        line_key,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by line_key order by valid_from) as next_valid_from
    from {{ ref('int_billing_lines') }}
) as intervals
where next_valid_from is not null and (valid_to is null or valid_to > next_valid_from)
