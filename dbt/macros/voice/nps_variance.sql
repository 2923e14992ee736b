{# Variance of one answer's +1, 0 or -1: p + q - (p - q)^2, p and q the shares of promoters and detractors. #}
{% macro nps_variance(promoters, detractors, n) -%}
    (
        ({{ promoters }} + {{ detractors }}) / cast({{ n }} as double)
        - power(({{ promoters }} - {{ detractors }}) / cast({{ n }} as double), 2)
    )
{%- endmacro %}

{# The same with one promoter, one passive and one detractor added: unanimity is not certainty. #}
{% macro nps_variance_adjusted(promoters, detractors, n) -%}
    {{ nps_variance('(' ~ promoters ~ ' + 1)', '(' ~ detractors ~ ' + 1)', '(' ~ n ~ ' + 3)') }}
{%- endmacro %}
