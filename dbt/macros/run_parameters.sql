{# What a run is asked for, as literals, so that the engine can prune partitions.
   Rows come from the one-row table ops.run and from int_recompute_windows; unit tests override these macros. #}

{% macro run_parameter(column) -%}
    {%- set run = source('ops', 'run') -%}
    {%- if execute -%}
        {{- return(value_of_the_run("select cast(" ~ column ~ " as varchar) from " ~ run)) -}}
    {%- else -%}
        {{- return('1900-01-01') -}}
    {%- endif -%}
{%- endmacro %}

{% macro single_value(query) -%}
    {{- return(run_query(query).columns[0].values()[0]) -}}
{%- endmacro %}

{# What stays the same as long as a run lasts is asked for once: graph is what all models of an invocation share. #}
{% macro value_of_the_run(query) -%}
    {%- set asked = invocation_id ~ query -%}
    {%- if asked not in graph -%}
        {%- do graph.update({asked: single_value(query)}) -%}
    {%- endif -%}
    {{- return(graph[asked]) -}}
{%- endmacro %}

{# The newest day known, K: a date literal. #}
{% macro as_of() -%}
    cast('{{ run_parameter('as_of_on') }}' as date)
{%- endmacro %}

{# The first day of the daily tables: a date literal. #}
{% macro first_day() -%}
    cast('{{ run_parameter('first_day') }}' as date)
{%- endmacro %}

{# The first day of a domain (usage, money, voice, people, scores) that this run recomputes: a date literal.
   A full refresh builds every table from its first day, whatever was complete before. #}
{% macro recompute_from(domain) -%}
    cast('{{ recompute_from_day(domain) }}' as date)
{%- endmacro %}

{# The same as text. #}
{% macro recompute_from_day(domain) -%}
    {%- set windows = ref('int_recompute_windows') -%}
    {%- if execute and flags.FULL_REFRESH -%}
        {{- return(run_parameter('first_day')) -}}
    {%- elif execute -%}
        {{- return(value_of_the_run(
            "select cast(from_on as varchar) from " ~ windows ~ " where domain = '" ~ domain ~ "'"
        )) -}}
    {%- else -%}
        {{- return('1900-01-01') -}}
    {%- endif -%}
{%- endmacro %}
