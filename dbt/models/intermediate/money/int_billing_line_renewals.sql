-- when a line without a declared renewal renews: at its end, or at the next multiple of its billing term;
-- only for long terms, by what each version of the terms told
with versions as (

    select * from {{ ref('int_billing_line_terms') }}

),

parameters as (

    select * from {{ ref('int_money_parameters') }}

),

long_terms as (

    select
        versions.line_key,
        versions.version_number,
        versions.starts_on,
        versions.ends_on,
        versions.calendar_months,
        versions.calendar_days,
        versions.term_days,
        versions.is_term_end
    from versions
    cross join parameters
    where versions.term_days >= parameters.long_term_days

),

ends as (

    select
        line_key,
        version_number,
        starts_on as valid_from,
        ends_on as renews_on
    from long_terms
    where ends_on is not null and is_term_end

),

terms as (

    select
        *,
        {{ number_series('0', 'cast(greatest(' ~ as_of() ~ ' - starts_on, 0) / term_days as integer) + 1') }} as n
    from long_terms
    where ends_on is null

),

multiples as (

    select
        line_key,
        version_number,
        case
            when calendar_months > 0 then {{ add_months('starts_on', 'calendar_months * n') }}
            else starts_on + cast(calendar_days * n as integer)
        end as valid_from,
        case
            when calendar_months > 0 then {{ add_months('starts_on', 'calendar_months * (n + 1)') }}
            else starts_on + cast(calendar_days * (n + 1) as integer)
        end as renews_on
    from terms

)

select * from ends
union all
select * from multiples
where valid_from <= {{ as_of() }}
