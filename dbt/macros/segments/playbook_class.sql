{# The playbook of a lifecycle stage and the two sides; null without a customer or without one of the sides. #}
{% macro playbook_class(stage, is_at_risk, is_growing) -%}
    case
        when {{ stage }} in ('churned', 'paused', 'trial', 'free') then null
        when {{ stage }} = 'onboarding' then 'onboarding'
        when {{ is_at_risk }} and {{ is_growing }} then 'invest'
        when {{ is_at_risk }} and not {{ is_growing }} then 'protect'
        when not {{ is_at_risk }} and {{ is_growing }} then 'grow'
        when not {{ is_at_risk }} and not {{ is_growing }} then 'sustain'
    end
{%- endmacro %}
