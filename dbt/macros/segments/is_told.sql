{# Whether a day of health counts: its score is fresh, or nobody can tell it although no source is late. #}
{% macro is_told(health) -%}
    coalesce(
        {{ health }}.status = 'fresh'
        or ({{ health }}.status in ('unknown', 'uncalibrated') and {{ health }}.stale_since_on is null), false
    )
{%- endmacro %}
