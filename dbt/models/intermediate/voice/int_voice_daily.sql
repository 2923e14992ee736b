{{ config(materialized='incremental', replace_days_domain='scores') }}

-- roles come from contacts, so this follows the widest window, not only that of the answers
with voice_days as (

    select * from {{ ref('int_voice_days') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

heard as (

    select * from {{ ref('int_voice_answers_heard') }}

),

summed as (

    select
        account_id,
        heard_on,
        cast(count(*) as integer) as people,
        cast(sum(score) as bigint) as score_sum,
        max(answered_on) as answered_on,
        min(role_rank) as role_rank,
        count(distinct case when role_rank is not null and newer_in_role = 1 then voice_class end) as role_classes,
        max(case when role_rank = 1 and voice_class = 'detractor' then answered_on end) as decision_maker_detractor_on,
        max(case when role_rank <= 2 and voice_class = 'promoter' then answered_on end) as key_promoter_on,
        max(case when role_rank is null and voice_class = 'promoter' then answered_on end) as roleless_promoter_on
    from heard
    group by
        account_id,
        heard_on

),

voices as (

    select
        summed.account_id,
        summed.heard_on,
        summed.people,
        summed.role_rank,
        summed.role_classes > 1 as is_conflicting,
        summed.decision_maker_detractor_on,
        summed.key_promoter_on,
        summed.roleless_promoter_on,
        coalesce(deciding.answered_on, summed.answered_on) as answered_on,
        case
            when deciding.score is not null then cast(deciding.score as double)
            else summed.score_sum / cast(summed.people as double)
        end as score
    from summed
    left join heard as deciding
        on
            deciding.account_id = summed.account_id
            and deciding.heard_on = summed.heard_on
            and deciding.role_rank = summed.role_rank
            and deciding.newer_in_role = 1

)

select
    voice_days.account_id,
    voice_days.as_of_on,
    {{ hundredths('voices.score') }} as score,
    case
        when voices.score >= voice_days.promoter_from then 'promoter'
        when voices.score >= voice_days.passive_from then 'passive'
        else 'detractor'
    end as voice_class,
    voices.answered_on,
    {{ days_between('voices.answered_on', 'voice_days.as_of_on') }} as answer_age_days,
    case voices.role_rank when 1 then 'decision_maker' when 2 then 'influencer' when 3 then 'user' end as deciding_role,
    voices.is_conflicting,
    voices.people,
    voice_days.is_fresh,
    coalesce(
        voices.decision_maker_detractor_on > voice_days.as_of_on - voice_days.detractor_fresh_days, false
    ) as decision_maker_is_detractor,
    coalesce(voices.key_promoter_on > voice_days.as_of_on - voice_days.voice_window_days, false) as has_key_promoter,
    coalesce(
        voices.roleless_promoter_on > voice_days.as_of_on - voice_days.voice_window_days, false
    ) as has_roleless_promoter
from voice_days
inner join voices
    on voices.account_id = voice_days.account_id and voices.heard_on = voice_days.heard_on
