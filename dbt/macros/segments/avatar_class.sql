{# The avatar of a customer, first match; null for who is none, or while nothing is calibrated. #}
{% macro avatar_class(is_known, is_disruptor, is_leader, is_entrant) -%}
    case
        when not {{ is_known }} then null
        when {{ is_disruptor }} then 'disruptor'
        when {{ is_leader }} then 'leader'
        when {{ is_entrant }} then 'entrant'
        else 'slow_runner'
    end
{%- endmacro %}
