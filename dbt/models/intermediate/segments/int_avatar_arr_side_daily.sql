{{ config(materialized='incremental', replace_days_domain='scores') }}

-- whether an account counts as large, by decisive days of its ARR against the frozen percentiles; churn speaks against
-- it, while an account merely does not pay nothing is decided
with facts as (

    select * from {{ ref('int_avatar_facts_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

score_references as (

    select * from {{ ref('int_avatar_references') }}

),

measured as (

    select
        facts.account_id,
        facts.as_of_on,
        facts.scoring_version,
        case when score_references.is_calibrated and (facts.is_customer or facts.is_churned) then facts.arr end
            as quantity,
        facts.is_fresh,
        facts.is_churned,
        false as is_forced_high,
        score_references.arr_enter_at as enter_at,
        score_references.arr_exit_at as exit_at,
        borders.decisive_days
    from facts
    inner join score_references
        on score_references.scoring_version = facts.scoring_version
    inner join {{ ref('segment_borders') }} as borders
        on
            borders.scoring_version = facts.scoring_version
            and borders.axis = 'avatar'
            and borders.border = 'arr'

),

{{ border_sides(released_when='is_churned') }}

select * from sided
order by as_of_on
