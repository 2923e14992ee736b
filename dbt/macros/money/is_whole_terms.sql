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

{# Whether a line's end is the end of a term: declared as its renewal, or a whole number of billing terms from its
   start, give or take what clocks may differ by. *dates*: an alias with starts_on, ends_on, renews_on and the calendar. #}
{% macro is_term_end(dates, tolerance_days) -%}
    coalesce(
        {{ dates }}.ends_on = {{ dates }}.renews_on
        {%- for end in ['', ' - ' ~ tolerance_days, ' + ' ~ tolerance_days] %}
        or {{ is_whole_terms(
            dates ~ '.starts_on', '(' ~ dates ~ '.ends_on' ~ end ~ ')',
            dates ~ '.calendar_months', dates ~ '.calendar_days'
        ) }}
        {%- endfor %},
        false
    )
{%- endmacro %}
