{# Calendar months from an earlier day's month to a later day's, as an integer. #}
{% macro months_between(earlier, later) -%}
    (
        12 * (extract(year from {{ later }}) - extract(year from {{ earlier }}))
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
    )
{%- endmacro %}
