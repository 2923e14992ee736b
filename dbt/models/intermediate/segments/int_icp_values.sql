-- the value of each attribute when an account's retention began to be observed, before anybody knew what would become
-- of it; where none was known yet, as of a customer that the CRM lists a week later, the first one since
with cohort as (

    select * from {{ ref('int_icp_cohort') }}

),

attributes as (

    select * from {{ ref('int_account_attributes') }}
    where valid_from <= {{ as_of() }}

),

numbered as (

    select
        cohort.account_id,
        cohort.is_retained,
        attributes.attribute,
        attributes.value,
        row_number() over (
            partition by cohort.account_id, attributes.attribute order by attributes.valid_from
        ) as earlier_values
    from cohort
    inner join attributes
        on attributes.account_id = cohort.account_id and attributes.valid_to > cohort.started_on

)

select
    account_id,
    attribute,
    value,
    is_retained
from numbered
where earlier_values = 1
