{{ config(materialized='view') }}

with results as (

    select * from {{ source('ops', 'data_quality_results') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by as_of_on, schema_name, table_name, check_name order by checked_at desc
        ) as newest_first
    from results

)

select
    as_of_on,
    checked_at,
    schema_name,
    table_name,
    check_name,
    severity,
    success,
    newest_first = 1 as is_latest,
    observed,
    expected,
    rows_checked,
    rows_failed,
    reason,
    fix
from numbered
