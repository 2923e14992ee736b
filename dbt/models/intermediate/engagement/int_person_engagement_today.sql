-- person scores are kept for today only; their roll-up by role is daily
with {{ person_raw_days(as_of(), as_of()) }},

scored as (

    select
        people.account_id,
        people.person_key,
        person_raw.as_of_on,
        people.scoring_version,
        people.buying_role,
        person_raw.raw_micro,
        {{ person_score_micro('person_raw.raw_micro', 'person_raw.reference_ln') }} as score_micro
    from person_raw
    inner join people on people.person_number = person_raw.person_number

)

select
    account_id,
    person_key,
    as_of_on,
    scoring_version,
    buying_role,
    raw_micro,
    score_micro,
    cast(round(score_micro / 100.0) as bigint) as score_bp
from scored
