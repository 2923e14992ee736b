-- a fact that says from when it holds does so from that day, also before the slot that first showed it;
-- its corrections, and facts without a day, count from their slot on
with versions as (

    select * from {{ ref('int_attribute_versions') }}

),

dated as (

    select
        _feed,
        account_id,
        attribute,
        holds_from_on,
        value,
        case
            when version_number = 1 then coalesce(holds_from_on, valid_from)
            else greatest(valid_from, coalesce(holds_from_on, valid_from))
        end as valid_from,
        valid_to
    from versions

)

select * from dated
where {{ open_ended('valid_to') }} > valid_from
