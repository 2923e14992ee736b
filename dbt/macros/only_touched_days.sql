{# Restrict an incremental rollup to the event days whose rows changed, with literal bounds for pruning;
   a rollup built anew reads everything. #}
{% macro only_touched_days(column, table_name) -%}
    {%- if is_incremental() %}
    where
        {{ column }} between
        {{ touched_bound('min', table_name) }} and {{ touched_bound('max', table_name) }}
        and {{ column }} in (
            select touched_on from {{ source('ops', 'touched_days') }} where table_name = '{{ table_name }}'
        )
    {%- endif %}
{%- endmacro %}

{% macro touched_bound(aggregate, table_name, if_none='1900-01-01', relation=none) -%}
    {%- set touched_days = relation or source('ops', 'touched_days') -%}
    {%- if execute -%}
        cast('{{ single_value(
            "select coalesce(cast(" ~ aggregate ~ "(touched_on) as varchar), '" ~ if_none ~ "') from " ~ touched_days
            ~ " where table_name = '" ~ table_name ~ "'"
        ) }}' as date)
    {%- else -%}
        cast('{{ if_none }}' as date)
    {%- endif -%}
{%- endmacro %}
