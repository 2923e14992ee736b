{# Relations that no model or seed builds any more, renamed or removed by a release: they would be published for ever, with
   the rows of the last day on which somebody built them. #}
{% macro drop_what_nothing_builds() %}
    {%- set built, schemas = [], [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do built.append(node.schema ~ '.' ~ node.alias) -%}
        {%- do schemas.append(node.schema) -%}
    {%- endfor -%}
    {%- set found = run_query(
        "select 'table', schema_name, table_name from duckdb_tables() where database_name = current_database() "
        ~ "union all select 'view', schema_name, view_name from duckdb_views() where database_name = current_database()"
    ) -%}
    {%- for kind, schema, name in found.rows if schema in schemas and schema ~ '.' ~ name not in built -%}
        {%- do log('drop ' ~ kind ~ ' ' ~ schema ~ '.' ~ name ~ ': no model builds it any more', info=true) -%}
        {%- do run_query('drop ' ~ kind ~ ' "' ~ schema ~ '"."' ~ name ~ '"') -%}
    {%- endfor -%}
{% endmacro %}
