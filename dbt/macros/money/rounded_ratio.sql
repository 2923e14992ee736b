{# numerator / denominator as a bigint, rounded half away from zero, in whole numbers only; null over zero.
   The denominator is positive: (2 |n| + d) div 2 d, 5 over 2 is 3 and -5 over 2 is -3. #}
{% macro rounded_ratio(numerator, denominator) -%}
    {{ return(adapter.dispatch('rounded_ratio')(numerator, denominator)) }}
{%- endmacro %}

{% macro duckdb__rounded_ratio(numerator, denominator) -%}
    cast(
        sign({{ numerator }}) * (
            (2 * abs(cast({{ numerator }} as hugeint)) + {{ denominator }}) // nullif(2 * ({{ denominator }}), 0)
        ) as bigint
    )
{%- endmacro %}

{% macro spark__rounded_ratio(numerator, denominator) -%}
    cast(
        sign({{ numerator }}) * (
            (2 * abs(cast({{ numerator }} as decimal(38, 0))) + {{ denominator }}) div nullif(2 * ({{ denominator }}), 0)
        ) as bigint
    )
{%- endmacro %}

{# part / whole in millionths, rounded half away from zero; null without a whole. Counts may be of any size. #}
{% macro share_micro(part, whole) -%}
    {{ rounded_ratio('1000000 * cast(' ~ part ~ ' as bigint)', whole) }}
{%- endmacro %}
