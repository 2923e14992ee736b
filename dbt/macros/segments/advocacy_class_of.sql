{# The class of one person's standing in the account's situation; null without one. #}
{% macro advocacy_class_of(standing, situation) -%}
    case
        {%- for name, classes in advocacy_classes().items() %}
        {%- for class, standings in classes.items() if standings %}
        when {{ situation }} = '{{ name }}' and {{ standing }} in ('{{ standings | join("', '") }}') then '{{ class }}'
        {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}
