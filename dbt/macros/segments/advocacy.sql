{# What a person has shown (a standing), by the newest answer that counts and what was done for or against us; first match. #}
{% macro advocacy_standing(voice_class) -%}
    case
        when is_grieving or is_explaining then 'aggrieved'
        when {{ voice_class }} = 'detractor' then 'detractor'
        when has_unprompted_act and coalesce({{ voice_class }}, 'promoter') = 'promoter' then 'advocate'
        when {{ voice_class }} = 'promoter' or (has_act and {{ voice_class }} is not null) then 'supporter'
        when has_act then 'helper'
        when {{ voice_class }} = 'passive' then 'passive'
    end
{%- endmacro %}

{% macro advocacy_standings() -%}
    {{- return(['aggrieved', 'detractor', 'advocate', 'supporter', 'helper', 'passive']) -}}
{%- endmacro %}

{# The classes, worst first, and the standings that each consists of in each situation of the account: shrunk (its MRR
   is not kept), kept, engaged (kept, paid for a year, engagement high). A helper of a shrunk account has no class. #}
{% macro advocacy_classes() -%}
    {%- set loyal = {'shrunk': [], 'kept': ['supporter', 'helper'], 'engaged': ['supporter', 'helper', 'passive']} -%}
    {%- set neutral = {'shrunk': ['supporter', 'passive'], 'kept': ['passive'], 'engaged': []} -%}
    {%- set classes = {} -%}
    {%- for situation in ['shrunk', 'kept', 'engaged'] -%}
        {%- do classes.update({situation: {
            'actively_dissatisfied': ['aggrieved'], 'dissatisfied': ['detractor'],
            'neutral': neutral[situation], 'loyal': loyal[situation], 'advocate': ['advocate'],
        }}) -%}
    {%- endfor -%}
    {{- return(classes) -}}
{%- endmacro %}
