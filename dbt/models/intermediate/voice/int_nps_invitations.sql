-- an invitation is answered by the same person's first relationship answer to that survey;
-- an answer that names no survey answers the newest invitation before it
with invitations as (

    select
        survey_id,
        account_id,
        user_id,
        sent_on,
        coalesce(user_id, '') as invited_user,
        lead(sent_on, 1, cast('9999-12-31' as date)) over (
            partition by account_id, user_id order by sent_on, survey_id
        ) as next_sent_on
    from {{ ref('stg_nps__invitations') }}

),

answers as (

    select
        account_id,
        survey_id,
        is_relationship,
        answered_on,
        coalesce(user_id, '') as answering_user
    from {{ ref('int_nps_answers') }}

),

transactional_surveys as (

    select distinct survey_id from answers
    where not is_relationship and survey_id is not null

),

account_versions as (

    select * from {{ ref('int_account_versions') }}
    where is_internal

),

person_roles as (

    select * from {{ ref('int_person_roles') }}

),

-- each of the two ways to answer is a plain join of its own
answered as (

    select
        invitations.survey_id,
        invitations.account_id,
        invitations.invited_user,
        invitations.sent_on,
        answers.answered_on
    from invitations
    inner join answers
        on
            answers.account_id = invitations.account_id
            and answers.answering_user = invitations.invited_user
            and answers.survey_id = invitations.survey_id
            and answers.answered_on >= invitations.sent_on
    where answers.is_relationship
    union all
    select
        invitations.survey_id,
        invitations.account_id,
        invitations.invited_user,
        invitations.sent_on,
        answers.answered_on
    from invitations
    inner join answers
        on
            answers.account_id = invitations.account_id
            and answers.answering_user = invitations.invited_user
            and answers.answered_on >= invitations.sent_on
            and answers.answered_on < invitations.next_sent_on
    where answers.is_relationship and answers.survey_id is null

),

first_answers as (

    select
        survey_id,
        account_id,
        invited_user,
        sent_on,
        min(answered_on) as answered_on
    from answered
    group by
        survey_id,
        account_id,
        invited_user,
        sent_on

)

select
    invitations.survey_id,
    invitations.account_id,
    invitations.user_id,
    invitations.sent_on,
    coalesce(max(person_roles.buying_role), 'unknown') as buying_role,
    min(first_answers.answered_on) as answered_on
from invitations
left join transactional_surveys
    on transactional_surveys.survey_id = invitations.survey_id
left join account_versions
    on
        account_versions.account_id = invitations.account_id
        and account_versions.valid_from <= invitations.sent_on
        and {{ open_ended('account_versions.valid_to') }} > invitations.sent_on
left join person_roles
    on
        person_roles.account_id = invitations.account_id
        and person_roles.user_id = invitations.user_id
        and person_roles.valid_from <= invitations.sent_on
        and person_roles.valid_to > invitations.sent_on
left join first_answers
    on
        first_answers.account_id = invitations.account_id
        and first_answers.invited_user = invitations.invited_user
        and first_answers.survey_id = invitations.survey_id
        and first_answers.sent_on = invitations.sent_on
where transactional_surveys.survey_id is null and account_versions.account_id is null
group by
    invitations.survey_id,
    invitations.account_id,
    invitations.user_id,
    invitations.sent_on
