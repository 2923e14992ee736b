{# A person's score in micro-units, min(1, ln(1 + raw) / ln(1 + ref)); null before calibration. #}
{% macro person_score_micro(raw_micro, reference_ln) -%}
    case
        when {{ reference_ln }} > 0
            then least(1000000, cast(round(
                1000000.0 * ln(1 + {{ raw_micro }} / 1000000.0) / {{ reference_ln }}
            ) as bigint))
    end
{%- endmacro %}

{# ln(1 - s) in micro-units; a score of 1 counts as one less a millionth. #}
{% macro ln_missing_micro(score_micro) -%}
    cast(round(1000000.0 * ln((1000000 - least({{ score_micro }}, 999999)) / 1000000.0)) as integer)
{%- endmacro %}

{# A union of scores in basis points from the sum of their ln(1 - s): 100 (1 - prod(1 - s)). #}
{% macro union_bp(ln_missing_sum) -%}
    cast(round(10000.0 * (1 - exp({{ ln_missing_sum }} / 1000000.0))) as bigint)
{%- endmacro %}
