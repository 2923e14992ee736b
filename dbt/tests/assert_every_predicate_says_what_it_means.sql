-- the predicates that the models judge and those of the seed are the same
with judged as (

    {%- for axis, predicates in segment_predicates().items() %}
    {%- set is_last_axis = loop.last %}
    {%- for name in predicates %}
    select
        '{{ axis }}' as axis,
        '{{ name }}' as predicate
    {% if not (loop.last and is_last_axis) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}

),

meanings as (

    select * from {{ ref('segment_predicates') }}

)

select
    judged.axis,
    judged.predicate,
    meanings.axis as described_axis,
    meanings.predicate as described_predicate
from judged
full outer join meanings
    on meanings.axis = judged.axis and meanings.predicate = judged.predicate
where judged.predicate is null or meanings.predicate is null
