{# Incremental strategy: a day's partition is replaced whole.
   Every day that the new rows cover, or that lies in the model's recompute window, is deleted first;
   deleting the window too removes days that no longer have any row.
   Model config: replace_days_column (default as_of_on) and replace_days_domain, a domain of
   int_recompute_windows, or replace_days_from, the relation that lists the days touched. #}
{% macro get_incremental_replace_days_sql(arg_dict) -%}
    {%- set target_relation = arg_dict["target_relation"] -%}
    {%- set column = config.get('replace_days_column', 'as_of_on') -%}

    delete from {{ target_relation }}
    where
    {%- if config.get('replace_days_domain') %}
        {{ column }} >= {{ recompute_from(config.get('replace_days_domain')) }}
    {%- else %}
        {{ column }} in (
            select touched_on from {{ source('ops', 'touched_days') }}
            where table_name = '{{ config.get('replace_days_touched_by') }}'
        )
    {%- endif %};

    insert into {{ target_relation }} by name select * from {{ arg_dict["temp_relation"] }}
{%- endmacro %}
