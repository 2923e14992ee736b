{# Tables and views in the fewest statements. The adapter builds beside the old relation, renames twice and drops, and asks
   for the columns between: in a small refresh its bookkeeping took five times as long as the SQL. DuckDB replaces a table
   within a transaction and rolls back whole; one run writes; readers have the published file, never this one. Columns need
   no comparing, because a change of definitions builds everything anew. #}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {{ drop_present(load_cached_relation(this)) }}
        {{ create_table_as(False, target_relation, compiled_code) }}
    {%- endcall -%}
    {{- commit_model(target_relation) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {{ drop_present(load_cached_relation(this)) }}
        {{ create_view_as(target_relation, compiled_code) }}
    {%- endcall -%}
    {{- commit_model(target_relation) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{# The new rows are complete in a temporary table before the first old row goes: a model may read what it replaces. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set present = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_new = present is none or present.is_view or should_full_refresh() -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {%- if is_new -%}
            {{ drop_present(present) }}
            {{ create_table_as(False, target_relation, compiled_code) }}
        {%- else -%}
            {%- set new_rows = make_temp_relation(target_relation) -%}
            {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
            {{ create_table_as(True, new_rows, compiled_code) }};
            {{ strategy({'target_relation': target_relation, 'temp_relation': new_rows}) }};
            drop table {{ new_rows }}
        {%- endif -%}
    {%- endcall -%}
    {{- commit_model(target_relation, documented=is_new) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{% macro drop_present(relation) -%}
    {%- if relation is not none -%} drop {{ relation.type }} {{ relation }}; {%- endif -%}
{%- endmacro %}

{% macro commit_model(relation, documented=true) -%}
    {%- if documented -%} {%- do persist_docs(relation, model) -%} {%- endif -%}
    {{- run_hooks(post_hooks) -}}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro duckdb__get_incremental_append_sql(arg_dict) -%}
    insert into {{ arg_dict['target_relation'] }} by name select * from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
