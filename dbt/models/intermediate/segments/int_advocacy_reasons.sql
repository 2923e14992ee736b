-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{%- set classes = (advocacy_classes().values() | first).keys() | list %}

-- today's advocacy in words: who decided it and by what evidence, and what would give another
with accounts as (

    select * from {{ ref('int_advocacy_daily') }}
    where as_of_on = {{ as_of() }}

),

-- of the people who hold the account's class, the newest evidence; and the first day on which some of it ends
people as (

    select
        accounts.account_id,
        accounts.scoring_version,
        people.evidence,
        people.evidence_on,
        min(people.stands_until) over (partition by accounts.account_id, accounts.scoring_version) as next_on,
        row_number() over (
            partition by accounts.account_id, accounts.scoring_version
            order by people.evidence_on desc, people.evidence asc, people.person_key asc
        ) as newer_evidence
    from accounts
    inner join {{ ref('int_person_advocacy_today') }} as people
        on
            people.account_id = accounts.account_id
            and people.scoring_version = accounts.scoring_version
            and people.buying_role = accounts.deciding_role
            and people.advocacy_class = accounts.stable_class

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns(['comment_words_n', 'kept_mrr', 'loyal_paid_days']) }}
    from {{ ref('segment_parameters') }}
    where axis = 'advocacy'
    group by scoring_version

),

voice_parameters as (

    select
        scoring_version,
        {{ parameter_columns(['promoter_from', 'passive_from']) }}
    from {{ ref('voice_parameters') }}
    group by scoring_version

),

borders as (

    select * from {{ ref('segment_borders') }}
    where axis = 'advocacy' and border = 'engagement'

),

engagement_sides as (

    select * from {{ ref('int_engagement_side_daily') }}
    where as_of_on = {{ as_of() }}

),

worded as (

    select
        accounts.*,
        people.evidence,
        people.evidence_on,
        people.next_on,
        parameters.comment_words_n,
        parameters.loyal_paid_days,
        {{ percent('1e6 * parameters.kept_mrr') }} as kept_mrr,
        cast(voice_parameters.promoter_from as integer) as promoter_from,
        cast(voice_parameters.passive_from as integer) as passive_from,
        {{ tenths('borders.enter_at') }} as engaged_from,
        {{ not_before('engagement_sides') }} as engaged_not_before,
        concat_ws(
            ', '
            {%- for class in classes %},
            case when accounts.n_{{ class }} > 0 then concat(accounts.n_{{ class }}, ' {{ class | replace('_', ' ') }}') end
            {%- endfor %}
        ) as mix
    from accounts
    inner join parameters
        on parameters.scoring_version = accounts.scoring_version
    inner join voice_parameters
        on voice_parameters.scoring_version = accounts.scoring_version
    inner join borders
        on borders.scoring_version = accounts.scoring_version
    left join engagement_sides
        on
            engagement_sides.account_id = accounts.account_id
            and engagement_sides.scoring_version = accounts.scoring_version
    left join people
        on
            people.account_id = accounts.account_id
            and people.scoring_version = accounts.scoring_version
            and people.newer_evidence = 1

)

select
    account_id,
    scoring_version,
    case
        when stable_class is not null
            then
                concat(
                    replace(deciding_role, '_', ' '), case when n > 1 then 's' else '' end, ' with evidence: ', mix,
                    '; newest: ', evidence, ' on ', cast(evidence_on as varchar)
                )
    end as reason,
    case
        when stable_class = 'actively_dissatisfied'
            then concat('an answer of ', passive_from, ' or more after it, or no further complaint until ', next_on)
        when stable_class = 'dissatisfied'
            then
                concat(
                    'an answer of ', passive_from, ' or more; ', comment_words_n,
                    ' words on why, or a complaint: actively_dissatisfied; without news it stops counting on ', next_on
                )
        when stable_class = 'neutral' and situation = 'shrunk'
            then concat('with ', kept_mrr, ' of the MRR of a year ago, promoters would be loyal')
        when stable_class = 'neutral'
            then
                concat(
                    'an answer of ', promoter_from, ' or more, or engagement of at least ', engaged_from, ' after ',
                    loyal_paid_days, ' paid days', engaged_not_before, ': loyal; under ', passive_from, ': dissatisfied'
                )
        when stable_class = 'loyal'
            then
                concat(
                    'an unprompted act of advocacy by a promoter: advocate; less than ', kept_mrr,
                    ' of the MRR of a year ago: neutral; an answer under ', passive_from, ': dissatisfied'
                )
        when stable_class = 'advocate'
            then concat('an answer under ', promoter_from, ', or no further act until ', next_on)
        else 'an answer, a complaint or an act of advocacy'
    end as would_change
from worded
