{# Whether a whole number of terms (calendar months, or days) lies between two days. #}
{% macro is_whole_terms(first, last, months, days) -%}
    {%- set between = '((year(' ~ last ~ ') - year(' ~ first ~ ')) * 12 + month(' ~ last ~ ') - month(' ~ first ~ '))' -%}
    case
        when {{ months }} > 0
            then {{ between }} % {{ months }} = 0 and {{ add_months(first, between) }} = {{ last }}
        else ({{ last }} - {{ first }}) % {{ days }} = 0
    end
{%- endmacro %}
