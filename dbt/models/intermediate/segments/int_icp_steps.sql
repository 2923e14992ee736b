-- points toward the ideal customer profile, as a step function: a known value without a row gives none;
-- best_tier is the tier that the account would have if all that is not known of it were the best
with attributes as (

    select * from {{ ref('int_account_attributes') }}

),

points as (

    select * from {{ ref('icp_points') }}

),

judged as (

    select
        scoring_version,
        attribute,
        cast(greatest(0, max(points)) as integer) as best_points
    from points
    group by
        scoring_version,
        attribute

),

totals as (

    select
        scoring_version,
        cast(sum(best_points) as integer) as best_points
    from judged
    group by scoring_version

),

tiers as (

    select
        scoring_version,
        tier,
        coalesce(points_from, -2147483648) as points_from,
        lead(points_from, 1, 2147483647) over (
            partition by scoring_version order by coalesce(points_from, -2147483648)
        ) as points_to
    from {{ ref('icp_tiers') }}

),

known as (

    select
        attributes.account_id,
        judged.scoring_version,
        attributes.valid_from,
        attributes.valid_to,
        coalesce(points.points, 0) as points,
        judged.best_points
    from attributes
    inner join judged
        on judged.attribute = attributes.attribute
    left join points
        on
            points.scoring_version = judged.scoring_version
            and points.attribute = judged.attribute
            and lower(points.value) = lower(attributes.value)

),

changes as (

    select
        account_id,
        scoring_version,
        valid_from as changed_on,
        points,
        best_points,
        1 as attributes_known
    from known
    union all
    select
        account_id,
        scoring_version,
        valid_to as changed_on,
        -points as points,
        -best_points as best_points,
        -1 as attributes_known
    from known

),

daily as (

    select
        account_id,
        scoring_version,
        changed_on,
        sum(points) as points,
        sum(best_points) as best_points,
        sum(attributes_known) as attributes_known
    from changes
    group by
        account_id,
        scoring_version,
        changed_on

),

running as (

    select
        account_id,
        scoring_version,
        changed_on as valid_from,
        lead(changed_on, 1, cast('9999-12-31' as date)) over by_account as valid_to,
        cast(sum(points) over so_far as integer) as points,
        cast(sum(best_points) over so_far as integer) as known_best_points,
        cast(sum(attributes_known) over so_far as integer) as attributes_known
    from daily
    window
        by_account as (partition by account_id, scoring_version order by changed_on),
        so_far as (
            partition by account_id, scoring_version order by changed_on
            rows between unbounded preceding and current row
        )

)

select
    running.account_id,
    running.scoring_version,
    running.valid_from,
    running.valid_to,
    running.points,
    running.attributes_known,
    tiers.tier,
    best_tiers.tier as best_tier
from running
inner join totals
    on totals.scoring_version = running.scoring_version
left join tiers
    on
        tiers.scoring_version = running.scoring_version
        and tiers.points_from <= running.points
        and tiers.points_to > running.points
left join tiers as best_tiers
    on
        best_tiers.scoring_version = running.scoring_version
        and best_tiers.points_from <= totals.best_points - running.known_best_points + running.points
        and best_tiers.points_to > totals.best_points - running.known_best_points + running.points
where running.attributes_known > 0
