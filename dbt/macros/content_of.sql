{# Columns as one text that no other row can have: between them the unit separator, for null the record separator.
   With a printable character, (A|B, C) would be (A, B|C). #}
{% macro content_of(columns) -%}
    concat_ws(
        chr(31)
        {%- for column in columns %},
        coalesce(cast({{ column }} as varchar), chr(30))
        {%- endfor %}
    )
{%- endmacro %}
