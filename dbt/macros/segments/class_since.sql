{# CTEs that end in dated: since when an account has been in its stable class.
   From a CTE chosen (account_id, as_of_on, scoring_version, stable_class, ...), one row per day without gaps.
   An incremental run goes on from the day before its window. #}
{% macro class_since() %}
earlier as (

    {% if is_incremental() -%}
    select
        account_id,
        scoring_version,
        stable_class,
        since_on
    from {{ this }}
    where as_of_on = {{ recompute_from('scores') }} - 1
    {%- else -%}
    select
        account_id,
        scoring_version,
        stable_class,
        cast(null as date) as since_on
    from chosen
    where false
    {%- endif %}

),

compared as (

    select
        chosen.*,
        earlier.since_on as earlier_since_on,
        coalesce(
            lag(coalesce(chosen.stable_class, '')) over (
                partition by chosen.account_id, chosen.scoring_version order by chosen.as_of_on
            ),
            coalesce(earlier.stable_class, '')
        ) as previous_class
    from chosen
    left join earlier
        on
            earlier.account_id = chosen.account_id
            and earlier.scoring_version = chosen.scoring_version

),

changed as (

    select
        *,
        max(case when coalesce(stable_class, '') <> previous_class then as_of_on end) over (
            partition by account_id, scoring_version
            order by as_of_on rows between unbounded preceding and current row
        ) as changed_on
    from compared

),

dated as (

    select
        *,
        case when stable_class is not null then coalesce(changed_on, earlier_since_on) end as since_on
    from changed

)
{%- endmacro %}
