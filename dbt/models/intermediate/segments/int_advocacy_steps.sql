-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{%- set classes = (advocacy_classes().values() | first).keys() | list %}

-- the class that most of an account's deciding people hold, as a step function, for each situation it can be in
with by_role as (

    select * from {{ ref('int_advocacy_counts') }}

),

classified as (

    {% for situation, classes in advocacy_classes().items() -%}
    select
        account_id,
        scoring_version,
        valid_from,
        valid_to,
        role_rank,
        deciding_role,
        '{{ situation }}' as situation
        {%- for class, holders in classes.items() %},
        {{ (holders or ['0']) | join(' + ') }} as n_{{ class }},
        {%- set carried = ['0'] if not holders else [] %}
        {%- for holder in holders %}{% do carried.append('carried_' ~ holder) %}{% endfor %}
        {{ carried | join(' + ') }} as carried_{{ class }}
        {%- endfor %}
    from by_role
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

summed as (

    select
        *,
        n_{{ classes | join(' + n_') }} as n,
        greatest(n_{{ classes | join(', n_') }}) as largest
    from classified

),

ranked as (

    select
        *,
        sum(n_actively_dissatisfied + n_dissatisfied) over by_account > 0
        and sum(n_loyal + n_advocate) over by_account > 0 as is_conflicting,
        row_number() over (
            partition by account_id, scoring_version, valid_from, situation
            order by case when n > 0 then 0 else 1 end, role_rank
        ) as deciding_order
    from summed
    window by_account as (partition by account_id, scoring_version, valid_from, situation)

)

-- of tied classes the worst
select
    account_id,
    scoring_version,
    valid_from,
    valid_to,
    situation,
    deciding_role,
    n,
    case
        {%- for class in classes %}
        when n_{{ class }} = largest then '{{ class }}'
        {%- endfor %}
    end as advocacy_class,
    case
        {%- for class in classes %}
        when n_{{ class }} = largest then carried_{{ class }} = n_{{ class }}
        {%- endfor %}
    end as is_carried,
    is_conflicting,
    {%- for class in classes %}
    n_{{ class }}{{ ',' if not loop.last }}
    {%- endfor %}
from ranked
where deciding_order = 1 and n > 0
