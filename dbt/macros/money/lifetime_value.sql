{# Margin per account and month x lifetime = 1 / churn, at most the longest; null where the churn is not known.
   margin_numerator / margin_denominator is ARPA x margin in millionths; both and the churn are whole numbers. #}
{% macro lifetime_value(churn_micro) -%}
    case
        when ltv_reason is not null then null
        when {{ churn_micro }} * longest_lifetime_months <= 1000000
            then {{ rounded_ratio('margin_numerator * longest_lifetime_months', 'margin_denominator * 1000000') }}
        else {{ rounded_ratio('margin_numerator', 'margin_denominator * ' ~ churn_micro) }}
    end
{%- endmacro %}
