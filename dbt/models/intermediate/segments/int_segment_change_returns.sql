-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (a loop writes selects here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- what moved the return of high touch against the line that it crossed: its own change, what began or ceased to be
-- known, and the cut-off's change; the lines sum to that of the distance between the two
with turned as (

    select * from {{ ref('int_segment_change_predicates') }}
    where as_of_on >= {{ recompute_from('scores') }} and score = 'return'

),

settings as (

    select * from {{ ref('int_touch_settings') }}

),

-- high from the first line on, low from the second
pairs as (

    select
        turned.account_id,
        turned.as_of_on,
        turned.scoring_version,
        turned.axis,
        turned.predicate,
        settings.currency,
        settings.minor_units,
        later.expected_return - earlier.expected_return as return_change,
        case
            when later.expansion_return is null or earlier.expansion_return is null
                then coalesce(later.expansion_return, 0) - coalesce(earlier.expansion_return, 0)
            else 0
        end as known_change,
        cast(round(earlier.cutoff * case when turned.holds then settings.enter_at else settings.exit_at end) as bigint)
        - cast(round(later.cutoff * case when turned.holds then settings.enter_at else settings.exit_at end) as bigint)
            as cutoff_change,
        later.family_id = earlier.family_id
        and coalesce(later.left_out like '%metered_use%', false) = coalesce(earlier.left_out like '%metered_use%', false)
            as is_same_known
    from turned
    inner join settings
        on settings.scoring_version = turned.scoring_version
    {%- for moment, on_column in [('earlier', 'compared_on'), ('later', 'as_of_on')] %}
    inner join {{ ref('int_touch_daily') }} as {{ moment }}
        on
            {{ moment }}.account_id = turned.account_id
            and {{ moment }}.scoring_version = turned.scoring_version
            and {{ moment }}.as_of_on = turned.{{ on_column }}
            and {{ moment }}.as_of_on >= {{ first_compared_on() }}
    {%- endfor %}
    where
        earlier.expected_return - earlier.cutoff is not null
        and later.expected_return - later.cutoff is not null

),

lines as (

    {%- for line, change, cause in [
        ('return', 'return_change - known_change', "case when is_same_known then 'customer' else 'data' end"),
        ('data', 'known_change', "'data'"),
        ('cut-off', 'cutoff_change', "'time'"),
    ] %}
    select
        account_id,
        as_of_on,
        scoring_version,
        axis,
        predicate,
        currency,
        minor_units,
        {{ loop.index }} as rank,
        '{{ line }}' as line,
        {{ change }} as change,
        {{ cause }} as cause
    from pairs
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    account_id,
    as_of_on,
    scoring_version,
    axis,
    predicate,
    rank,
    line,
    cast(change as bigint) as change,
    cause,
    concat(
        line, case when change > 0 then ' +' else ' ' end, {{ whole_units('change', 'minor_units') }}, ' ', currency
    ) as told
from lines
order by as_of_on
