{# Names a subscription line: the feed that shows it and the key of its row. #}
{% macro line_key(versions) -%}
    concat_ws(
        '|',
        {{ versions }}._feed,
        {{ versions }}.subscription_id,
        coalesce({{ versions }}.item_id, ''),
        cast({{ versions }}.starts_at as varchar)
    )
{%- endmacro %}
