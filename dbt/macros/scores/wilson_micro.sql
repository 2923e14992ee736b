{# A bound of the Wilson interval of a share, in millionths: with s of n and z standard errors,
   (s + z^2 / 2 -+ z sqrt(s (n - s) / n + z^2 / 4)) / (n + z^2). *bound*: 'low' or 'high'. Null over no cases. #}
{% macro wilson_micro(successes, n, z, bound) -%}
    {%- set s = 'cast(' ~ successes ~ ' as double)' -%}
    {%- set cases = 'cast(nullif(' ~ n ~ ', 0) as double)' -%}
    {%- set z = 'cast(' ~ z ~ ' as double)' -%}
    cast(round(1e6 * (
        {{ s }} + {{ z }} * {{ z }} / 2
        {{ '-' if bound == 'low' else '+' }} {{ z }} * sqrt({{ s }} * ({{ cases }} - {{ s }}) / {{ cases }} + {{ z }} * {{ z }} / 4)
    ) / ({{ cases }} + {{ z }} * {{ z }})) as bigint)
{%- endmacro %}
