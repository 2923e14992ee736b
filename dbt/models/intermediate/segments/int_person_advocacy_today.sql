-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
-- the class of each person with evidence today, in the role held today, and the evidence in words
with people as (

    select * from {{ ref('int_person_advocacy_steps') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

accounts as (

    select * from {{ ref('int_advocacy_daily') }}
    where as_of_on = {{ as_of() }}

),

person_roles as (

    select * from {{ ref('int_person_roles') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

classified as (

    select
        people.*,
        coalesce(person_roles.buying_role, 'user') as buying_role,
        {{ advocacy_class_of('people.standing', 'accounts.situation') }} as advocacy_class,
        -- what the standing rests on: a complaint, an answer or an act
        case
            when people.standing = 'aggrieved' and people.is_grieving then 'grievance'
            when people.standing in ('advocate', 'helper') then 'act'
            when people.standing = 'supporter' and people.voice_class = 'passive' then 'act'
            else 'answer'
        end as evidence_kind
    from people
    inner join accounts
        on accounts.account_id = people.account_id and accounts.scoring_version = people.scoring_version
    left join person_roles
        on person_roles.account_id = people.account_id and person_roles.user_id = people.user_id

)

select
    account_id,
    user_id,
    person_key,
    scoring_version,
    buying_role,
    standing,
    advocacy_class,
    is_carried,
    stands_until,
    case evidence_kind when 'grievance' then grieved_on when 'act' then acted_on else answered_on end as evidence_on,
    case
        when evidence_kind = 'grievance' and grievance = 'review' then 'a negative review'
        when evidence_kind = 'grievance' then 'a ' || grievance
        when evidence_kind = 'act' and standing = 'advocate' then 'an unprompted ' || act
        when evidence_kind = 'act' then 'a ' || act
        when standing = 'aggrieved' then concat('score ', score, ' with reasons')
        else concat('score ', score)
    end as evidence
from classified
where advocacy_class is not null
