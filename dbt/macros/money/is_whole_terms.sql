{# Whether a whole number of terms (calendar months, or days) lies between two days. #}
{% macro is_whole_terms(first, last, months, days) -%}
    {%- set years_apart = '(year(' ~ last ~ ') - year(' ~ first ~ '))' -%}
    {%- set months_apart = '(' ~ years_apart ~ ' * 12 + month(' ~ last ~ ') - month(' ~ first ~ '))' -%}
    case
        when {{ months }} > 0
            then {{ months_apart }} % {{ months }} = 0 and {{ add_months(first, months_apart) }} = {{ last }}
        else ({{ last }} - {{ first }}) % {{ days }} = 0
    end
{%- endmacro %}
