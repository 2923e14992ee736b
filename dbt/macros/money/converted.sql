{# Native minor units in minor units of the reporting currency, rounded half away from zero; null without a rate.
   rates: an alias of int_fx_daily. One to one needs no division, which is what whole numbers spend their time on. #}
{% macro converted(amount, rates, numerator='numerator', denominator='denominator') -%}
    case
        when {{ rates }}.{{ numerator }} = {{ rates }}.{{ denominator }} then {{ amount }}
        when {{ amount }} = 0 and {{ rates }}.{{ numerator }} is not null then 0
        else {{ rounded_ratio(
            amount ~ ' * ' ~ rates ~ '.' ~ numerator, rates ~ '.' ~ denominator
        ) }}
    end
{%- endmacro %}
