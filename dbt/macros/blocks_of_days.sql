{# A wide table of many accounts and days joins more than fits into memory. Its model filters every input by

       where {{ in_block('as_of_on', 'scores') }}

   and is built 30 days at a time, oldest first: the compiled model says "all days", and for each block the statement is
   run with the block's days in their place. Only for models whose rows of a day follow from inputs of the same day. #}
{% macro in_block(column, domain) -%}
    {{ column }} >= {{ recompute_from(domain) }}
    and {{ column }} between {{ all_days().from }} and {{ all_days().to }}
{%- endmacro %}

{% macro all_days() -%}
    {{- return({
        'from': "/* first of the block */ cast('0001-01-01' as date)", 'to': "/* last of the block */ cast('9999-12-31' as date)"
    }) -}}
{%- endmacro %}

{# The model's statement for each block of days, from the first day to recompute to the newest. #}
{% macro statements_by_block(compiled_code, first_day, last_day, days=30) -%}
    {%- set statements = [] -%}
    {%- set day = modules.datetime.date.fromisoformat(first_day) -%}
    {%- set length = (modules.datetime.date.fromisoformat(last_day) - day).days + 1 -%}
    {%- for start in range(0, [length, 1] | max, days) -%}
        {%- set block_from = day + modules.datetime.timedelta(days=start) -%}
        {%- set block_to = day + modules.datetime.timedelta(days=start + days - 1) -%}
        {%- do statements.append(
            compiled_code.replace(all_days().from, "cast('" ~ block_from ~ "' as date)")
            .replace(all_days().to, "cast('" ~ block_to ~ "' as date)")
        ) -%}
    {%- endfor -%}
    {{- return(statements) -}}
{%- endmacro %}

{# Replaces the adapter's macro: the same statement, and for a model in blocks one more insert a block. A unit test has
   few rows and no days to recompute. #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- if all_days().from not in compiled_code or model.resource_type != 'model' -%}
        {{- dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by
        ) -}}
    {%- else -%}
        {%- set first = recompute_from_day(config.get('replace_days_domain')) -%}
        {%- set statements = statements_by_block(compiled_code, first, run_parameter('as_of_on')) -%}
        {{- dbt.duckdb__create_table_as(temporary, relation, statements[0], language) }};
        {%- for statement in statements[1:] %}
        insert into {{ relation }} by name (
        {{ statement }}
        );
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
