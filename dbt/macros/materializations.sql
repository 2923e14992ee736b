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
    {{- commit_model(target_relation, describe=is_new or not is_described(target_relation, model)) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{% macro drop_present(relation) -%}
    {%- if relation is not none -%} drop {{ relation.type }} {{ relation }}; {%- endif -%}
{%- endmacro %}

{# Whether the table that goes on says of itself and of its columns what the model says now. #}
{% macro is_described(relation, model) -%}
    {%- if not (config.persist_relation_docs() or config.persist_column_docs()) -%} {{- return(true) -}} {%- endif -%}
    {%- set wanted = {'': model.description} -%}
    {%- for name, column in model.columns.items() -%} {%- do wanted.update({name: column.description}) -%} {%- endfor -%}
    {%- set place %} where database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}'
        and table_name = '{{ relation.identifier }}' and comment is not null
    {%- endset -%}
    {%- set said = run_query(
        "select '' as name, comment from duckdb_tables()" ~ place
        ~ " union all select column_name as name, comment from duckdb_columns()" ~ place
    ) -%}
    {{- return(dict(said.rows.values()) == wanted) -}}
{%- endmacro %}

{% macro commit_model(relation, describe=true) -%}
    {%- if describe -%} {%- do persist_docs(relation, model) -%} {%- endif -%}
    {{- run_hooks(post_hooks) -}}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro duckdb__get_incremental_append_sql(arg_dict) -%}
    insert into {{ arg_dict['target_relation'] }} by name select * from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
