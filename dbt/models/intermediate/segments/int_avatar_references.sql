-- the frozen references that avatars rest on, and which of them are missing;
-- a border in percentiles of ARR names its references: 80 is arr_p80
with borders as (

    select * from {{ ref('segment_borders') }}
    where axis = 'avatar' and border = 'arr'

),

score_references as (

    select * from {{ source('ops', 'score_references') }}
    where reference_group = 'all'

),

needed as (

    select
        scoring_version,
        'median' as needed_as,
        'mrr_median' as reference
    from borders
    union all
    select
        scoring_version,
        'enter' as needed_as,
        {{ arr_reference('enter_at') }} as reference
    from borders
    union all
    select
        scoring_version,
        'exit' as needed_as,
        {{ arr_reference('exit_at') }} as reference
    from borders

),

found as (

    select
        needed.scoring_version,
        max(case when needed.needed_as = 'median' then score_references.value end) as mrr_median,
        max(case when needed.needed_as = 'enter' then score_references.value end) as arr_enter_at,
        max(case when needed.needed_as = 'exit' then score_references.value end) as arr_exit_at,
        {{ sorted_texts('case when score_references.value is null then needed.reference end') }} as missing
    from needed
    left join score_references
        on
            score_references.scoring_version = needed.scoring_version
            and score_references.reference = needed.reference
    group by needed.scoring_version

),

windows as (

    select
        scoring_version,
        min(from_on) as from_on,
        max(to_on) as to_on
    from score_references
    group by scoring_version

)

select
    found.scoring_version,
    found.mrr_median,
    found.arr_enter_at,
    -- where many pay the same price both percentiles are one amount: below it is out
    least(found.arr_exit_at, found.arr_enter_at - 1) as arr_exit_at,
    found.missing is null as is_calibrated,
    case
        when found.missing is not null
            then
                concat(
                    'not calibrated, missing: ', found.missing, '; make calibrate takes them',
                    case
                        when windows.from_on is not null
                            then
                                concat(
                                    ', with FROM=', cast(windows.from_on as varchar),
                                    ' TO=', cast(windows.to_on as varchar), ' beside those that are there'
                                )
                    end
                )
    end as uncalibrated_because
from found
left join windows
    on windows.scoring_version = found.scoring_version
