{# The components of health in the order in which points are rounded. #}
{% macro health_components() -%}
    {{- return([
        'recency', 'frequency', 'depth', 'breadth', 'seats', 'trend', 'payment', 'sentiment', 'relationship'
    ]) -}}
{%- endmacro %}

{# Points, in basis points of 100, of everything up to a component: value x weight over the weight measured.
   A component's own points are the difference of two neighbours, so that points add up to the score exactly. #}
{% macro points_up_to(weighted, total_weight_milli) -%}
    cast(round(1e4 * ({{ weighted }}) / nullif(1e6 * {{ total_weight_milli }}, 0)) as bigint)
{%- endmacro %}

{# A share as integer millionths. #}
{% macro micro(expression) -%}
    cast(round(1e6 * ({{ expression }})) as bigint)
{%- endmacro %}

{# Within 0 and 1; null stays null. #}
{% macro clip(expression) -%}
    case when ({{ expression }}) is not null then least(1e0, greatest(0e0, {{ expression }})) end
{%- endmacro %}
