-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
{{ config(materialized='incremental', replace_days_domain='scores') }}

-- each component between 0 and 1, null where it is not applicable, and the weight it has on that day in thousandths:
-- none where it is not measured, less for an old answer
with inputs as (

    select * from {{ ref('int_health_inputs_daily') }}
    where as_of_on >= {{ recompute_from('scores') }}

),

references_of_depth as (

    select
        scoring_version,
        max(case when reference = 'depth_p95' and reference_group = 'all' then value end) as depth_p95
    from {{ source('ops', 'score_references') }}
    group by scoring_version

),

parameters as (

    select
        scoring_version,
        {{ parameter_columns([
            'recency_half_life_days', 'seats_full_utilisation', 'payment_past_due', 'payment_unpaid',
            'payment_unpaid_after_days', 'sentiment_promoter', 'sentiment_passive', 'sentiment_detractor',
            'sentiment_full_days', 'sentiment_gone_days', 'relationship_decision_maker_parts',
            'relationship_influencer_parts'
        ]) }}
    from {{ ref('health_parameters') }}
    group by scoring_version

),

weights as (

    select
        scoring_version
        {%- for component in health_components() %},
        max(case when component = '{{ component }}' then 1000 * weight else 0 end) as {{ component }}
    {%- endfor %}
    from {{ ref('health_weights') }}
    group by scoring_version

),

measured as (

    select
        inputs.account_id,
        inputs.as_of_on,
        inputs.scoring_version,
        inputs.is_usage_stale,
        inputs.is_billing_stale,
        inputs.is_usage_evaluated,
        inputs.is_billing_evaluated,
        inputs.is_nps_connected,
        -- use that names no person has no depth, hence no reference of it, and the other components still hold
        references_of_depth.scoring_version is not null
        and (references_of_depth.depth_p95 is not null or coalesce(inputs.depth_micro, 0) = 0) as is_calibrated,
        case
            when not inputs.has_use_row or inputs.is_off_season then null
            when inputs.recency_days is null then 0
            else
                {{ micro(
                    "power(2e0, -greatest(0, inputs.recency_days - inputs.cadence_days)"
                    ~ " / cast(parameters.recency_half_life_days as double))"
                ) }}
        end as recency_value_micro,
        case when not inputs.is_off_season then inputs.frequency_micro end as frequency_value_micro,
        case
            when not inputs.is_off_season and references_of_depth.depth_p95 > 0
                then {{ micro(clip("ln(1 + inputs.depth_micro / 1e6) / ln(1 + references_of_depth.depth_p95 / 1e6)")) }}
        end as depth_value_micro,
        case
            when not inputs.is_off_season
                then {{ micro(clip("inputs.breadth_micro / cast(inputs.ramp_micro as double)")) }}
        end as breadth_value_micro,
        case
            when not inputs.is_off_season
                then {{ micro(clip(
                    "inputs.seat_utilisation_micro / (parameters.seats_full_utilisation * inputs.ramp_micro)"
                )) }}
        end as seats_value_micro,
        case when not inputs.is_off_season then inputs.trend_micro end as trend_value_micro,
        case
            when inputs.billing_status = 'unpaid' and inputs.unpaid_days > parameters.payment_unpaid_after_days
                then {{ micro('parameters.payment_unpaid') }}
            when inputs.billing_status in ('past_due', 'unpaid') then {{ micro('parameters.payment_past_due') }}
            when inputs.is_paying then 1000000
        end as payment_value_micro,
        case
            when inputs.answer_age_days >= parameters.sentiment_gone_days then null
            when inputs.voice_class = 'promoter' then {{ micro('parameters.sentiment_promoter') }}
            when inputs.voice_class = 'passive' then {{ micro('parameters.sentiment_passive') }}
            when inputs.voice_class = 'detractor' then {{ micro('parameters.sentiment_detractor') }}
        end as sentiment_value_micro,
        {{ clip(
            "(parameters.sentiment_gone_days - inputs.answer_age_days)"
            ~ " / cast(parameters.sentiment_gone_days - parameters.sentiment_full_days as double)"
        ) }} as sentiment_freshness,
        case
            when inputs.has_contacts
                then cast(round(1e2 * (
                    coalesce(inputs.decision_maker_bp * parameters.relationship_decision_maker_parts, 0e0)
                    + coalesce(inputs.influencer_bp * parameters.relationship_influencer_parts, 0e0)
                ) / nullif(
                    case
                        when inputs.decision_maker_bp is null then 0e0
                        else parameters.relationship_decision_maker_parts
                    end
                    + case when inputs.influencer_bp is null then 0e0 else parameters.relationship_influencer_parts end,
                    0
                )) as bigint)
        end as relationship_value_micro
    from inputs
    inner join parameters
        on parameters.scoring_version = inputs.scoring_version
    left join references_of_depth
        on references_of_depth.scoring_version = inputs.scoring_version

),

weighted as (

    select
        measured.*,
        {%- for component in health_components() %}
        weights.{{ component }} as {{ component }}_full_weight_milli,
        case
            when measured.{{ component }}_value_micro is null then 0
            {%- if component == 'sentiment' %}
            else cast(round(measured.sentiment_freshness * weights.sentiment) as bigint)
            {%- else %}
            else weights.{{ component }}
            {%- endif %}
        end as {{ component }}_weight_milli
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from measured
    inner join weights
        on weights.scoring_version = measured.scoring_version

)

select
    account_id,
    as_of_on,
    scoring_version,
    is_calibrated,
    {%- for component in health_components() %}
    {{ component }}_value_micro,
    cast({{ component }}_weight_milli as bigint) as {{ component }}_weight_milli,
    {%- endfor %}
    -- fresh: what was measured today. Applicable: also what a stale source would have given, and the voice
    -- that nobody has raised for long
    cast(
        case when is_usage_stale then 0 else 1 end * (
            recency_weight_milli + frequency_weight_milli + depth_weight_milli + breadth_weight_milli
            + seats_weight_milli + trend_weight_milli + relationship_weight_milli
        )
        + case when is_billing_stale then 0 else payment_weight_milli end
        + sentiment_weight_milli
        as bigint
    ) as fresh_weight_milli,
    cast(
        case
            when is_usage_evaluated
                then
                    recency_weight_milli + frequency_weight_milli + depth_weight_milli + breadth_weight_milli
                    + seats_weight_milli + trend_weight_milli
            else
                recency_full_weight_milli + frequency_full_weight_milli + depth_full_weight_milli
                + breadth_full_weight_milli + seats_full_weight_milli + trend_full_weight_milli
        end
        + relationship_weight_milli
        + case when is_billing_evaluated then payment_weight_milli else payment_full_weight_milli end
        + case when is_nps_connected then sentiment_full_weight_milli else sentiment_weight_milli end
        as bigint
    ) as applicable_weight_milli
from weighted
