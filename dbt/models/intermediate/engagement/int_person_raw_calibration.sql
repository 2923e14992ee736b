{{ config(enabled=var('calibrate', false), tags=['calibration']) }}

-- the raw engagement of every person on every seventh day of the window that calibration names
{%- set from_on = "cast('" ~ var('calibrate_from', '1900-01-01') ~ "' as date)" %}
{%- set to_on = "cast('" ~ var('calibrate_to', '1900-01-01') ~ "' as date)" %}
with {{ person_raw_days(from_on, to_on, only=days_between(from_on, 'as_of_on') ~ ' % 7 = 0') }}

select
    people.account_id,
    people.person_key,
    people.buying_role,
    people.scoring_version,
    person_raw.as_of_on,
    person_raw.raw_micro
from person_raw
inner join people on people.person_number = person_raw.person_number
where person_raw.raw_micro > 0
