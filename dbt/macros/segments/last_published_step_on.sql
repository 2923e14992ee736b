{# The last published day of which int_published_segment_steps has a step, as a literal; before all days without any. #}
{% macro last_published_step_on() -%}
    {%- if execute and is_incremental() -%}
        cast('{{ single_value("select coalesce(cast(max(as_of_on) as varchar), '1900-01-01') from " ~ this) }}' as date)
    {%- else -%}
        cast('1900-01-01' as date)
    {%- endif -%}
{%- endmacro %}
