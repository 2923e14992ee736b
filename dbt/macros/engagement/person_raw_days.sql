{# The 90-day engagement of every person, role and day from first to last: CTEs that end in person_raw
   (person_number, account_number, role_number, reference_ln, as_of_on, raw_micro); people says who the numbers are,
   roles are 1 decision maker, 2 influencer, 3 user.

   raw(d) = max(0, sum over t in (d - 90, d] of w x min(n, cap) x 2^(-(d - t) / H)).
   Time is cut into fixed blocks of 90 days, so that d - 90 < t <= d touches two blocks at most. An event day t adds
   w n 2^((t - a) / H) from t on, a the first day of its block, and w n 2^((t - b) / H) in the next block, b its first
   day, until t + 90. These are rounded to integers and summed exactly; a day's sum times 2^(-(d - a) / H) is raw.
   Blocks do not depend on where a recomputation starts: neither do the integers. only: a condition on as_of_on. #}
{% macro person_raw_days(first, last, only=none) %}
{%- set window = look_back_days('engagement') %}
{%- set epoch = "cast('1900-01-01' as date)" %}
activity as (

    select
        account_id,
        person_key,
        kind,
        true as is_use,
        'any' as stage,
        as_of_on,
        events as n
    from {{ ref('int_use_person_days') }}
    where
        person_key is not null
        and as_of_on > {{ first }} - {{ window }}
        and as_of_on <= {{ last }}
    union all
    select
        account_id,
        person_key,
        kind,
        false as is_use,
        stage,
        as_of_on,
        n
    from {{ ref('int_touch_person_days') }}
    where
        as_of_on > {{ first }} - {{ window }}
        and as_of_on <= {{ last }}

),

active_people as (

    select distinct
        account_id,
        person_key
    from activity

),

weights as (

    select * from {{ ref('int_engagement_weights') }}

),

half_lives as (

    select distinct
        scoring_version,
        short_half_life_days,
        long_half_life_days
    from weights

),

person_references as (

    select
        scoring_version,
        max(value) as reference_micro
    from {{ source('ops', 'score_references') }}
    where reference = 'person_raw_p95' and reference_group = 'all'
    group by scoring_version

),

-- numbers stand for texts in what follows
people as (

    select
        active_people.account_id,
        active_people.person_key,
        half_lives.scoring_version,
        half_lives.short_half_life_days,
        half_lives.long_half_life_days,
        coalesce(roles.buying_role, 'user') as buying_role,
        case roles.buying_role when 'decision_maker' then 1 when 'influencer' then 2 else 3 end as role_number,
        coalesce(roles.valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(roles.valid_to, cast('9999-12-31' as date)) as valid_to,
        ln(1 + person_references.reference_micro / 1000000.0) as reference_ln,
        cast(row_number() over (
            order by
                active_people.account_id, active_people.person_key, half_lives.scoring_version,
                roles.buying_role, roles.valid_from
        ) as integer) as person_number,
        cast(dense_rank() over (order by active_people.account_id, half_lives.scoring_version) as integer)
            as account_number
    from active_people
    cross join half_lives
    left join {{ ref('int_contact_roles') }} as roles
        on roles.account_id = active_people.account_id and roles.person_key = active_people.person_key
    left join person_references on person_references.scoring_version = half_lives.scoring_version
    where
        roles.account_id is null
        or (roles.valid_from <= {{ last }} and roles.valid_to > {{ first }})

),

contributions as (

    select
        people.person_number,
        activity.as_of_on,
        cast(sum(
            case when weights.is_short then weights.weight_micro * least(activity.n, weights.daily_cap) else 0 end
        ) as bigint) as short_micro,
        cast(sum(
            case when weights.is_short then 0 else weights.weight_micro * least(activity.n, weights.daily_cap) end
        ) as bigint) as long_micro
    from activity
    inner join people
        on people.account_id = activity.account_id and people.person_key = activity.person_key
    inner join weights
        on
            weights.scoring_version = people.scoring_version
            and weights.kind = activity.kind
            and weights.is_use = activity.is_use
            and weights.buying_role = people.buying_role
            and weights.stage = activity.stage
    group by
        people.person_number,
        activity.as_of_on

),

placed as (

    select
        contributions.person_number,
        contributions.as_of_on,
        contributions.short_micro,
        contributions.long_micro,
        people.short_half_life_days,
        people.long_half_life_days,
        {{ days_between(epoch, 'contributions.as_of_on') }} % {{ window }} as block_day
    from contributions
    inner join people on people.person_number = contributions.person_number

),

-- it counts in its own block until the end of the block, and in the next one until t + 90
rounded as (

    select
        person_number,
        as_of_on,
        as_of_on - block_day as block_on,
        {{ block_share('short', 'block_day') }} as short_own,
        {{ block_share('long', 'block_day') }} as long_own,
        {{ block_share('short', 'block_day - ' ~ window) }} as short_next,
        {{ block_share('long', 'block_day - ' ~ window) }} as long_next
    from placed

),

steps as (

    select
        person_number,
        as_of_on as step_on,
        block_on,
        short_own as short_step,
        long_own as long_step
    from rounded
    where block_on + {{ window }} > {{ first }}
    union all
    select
        person_number,
        as_of_on + {{ window }} as step_on,
        block_on + {{ window }} as block_on,
        -short_next as short_step,
        -long_next as long_step
    from rounded
    where as_of_on + {{ window }} <= {{ last }}
    union all
    select
        person_number,
        block_on + {{ window }} as step_on,
        block_on + {{ window }} as block_on,
        cast(sum(short_next) as bigint) as short_step,
        cast(sum(long_next) as bigint) as long_step
    from rounded
    where block_on + {{ window }} <= {{ last }}
    group by
        person_number,
        block_on

),

sums as (

    select
        person_number,
        block_on,
        step_on,
        lead(step_on, 1, block_on + {{ window }}) over by_day as next_step_on,
        cast(sum(short_step) over so_far as bigint) as short_sum,
        cast(sum(long_step) over so_far as bigint) as long_sum
    from steps
    window
        by_day as (partition by person_number, block_on order by step_on),
        so_far as (
            partition by person_number, block_on order by step_on rows between unbounded preceding and current row
        )

),

raw_spans as (

    select
        people.person_number,
        people.account_number,
        people.role_number,
        people.short_half_life_days,
        people.long_half_life_days,
        people.reference_ln,
        sums.block_on,
        sums.short_sum,
        sums.long_sum,
        greatest(sums.step_on, people.valid_from, {{ first }}) as from_on,
        least(sums.next_step_on, people.valid_to, {{ last }} + 1) - 1 as to_on
    from sums
    inner join people on people.person_number = sums.person_number
    where sums.short_sum <> 0 or sums.long_sum <> 0

),

raw_days as (

    select
        person_number,
        account_number,
        role_number,
        short_half_life_days,
        long_half_life_days,
        reference_ln,
        block_on,
        short_sum,
        long_sum,
        {{ day_series('from_on', 'to_on') }} as as_of_on
    from raw_spans
    where from_on <= to_on

),

person_raw as (

    select
        person_number,
        account_number,
        role_number,
        reference_ln,
        as_of_on,
        greatest(0, cast(round((
            {{ decayed('short') }}
            + {{ decayed('long') }}
        ) / {{ engagement_scale() }}) as bigint)) as raw_micro
    from raw_days
    {%- if only %}
    where {{ only }}
    {%- endif %}

)
{%- endmacro %}

{# Micro-units are kept in 65536ths, so that what is rounded once a day stays below a millionth. #}
{% macro engagement_scale() -%}
    65536.0
{%- endmacro %}

{# A day's contribution as seen from the first day of a block, so many days earlier (later where negative). #}
{% macro block_share(half_life, days) -%}
    case
        when {{ half_life }}_micro = 0 then 0
        else cast(round(
            {{ half_life }}_micro * {{ engagement_scale() }}
            * power(2.0, ({{ days }}) / cast({{ half_life }}_half_life_days as double))
        ) as bigint)
    end
{%- endmacro %}

{# A block's sum as it has decayed by as_of_on. #}
{% macro decayed(half_life) -%}
    case
        when {{ half_life }}_sum = 0 then 0.0
        else
            {{ half_life }}_sum
            * power(2.0, {{ days_between('as_of_on', 'block_on') }} / cast({{ half_life }}_half_life_days as double))
    end
{%- endmacro %}
