{# Whether the intervals of a contract table may differ from those of the last complete run, as a literal: the engine
   does not read what it filters by false. #}
{% macro is_changed(table_name) -%}
    {%- if execute and is_incremental() -%}
        {{- single_value(
            "select cast(count(*) > 0 as varchar) from " ~ source('ops', 'changed_tables')
            ~ " where table_name = '" ~ table_name ~ "'"
        ) -}}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Incremental strategy: the rows of the contract tables that may have changed are replaced. #}
{% macro get_incremental_replace_changed_tables_sql(arg_dict) -%}
    delete from {{ arg_dict["target_relation"] }}
    where table_name in (select table_name from {{ source('ops', 'changed_tables') }});

    insert into {{ arg_dict["target_relation"] }} by name select * from {{ arg_dict["temp_relation"] }}
{%- endmacro %}
