{# How many days before a recomputed day its inputs reach, as a literal so that the engine can prune partitions.
   use: two windows of the longest cadence's length; use_year: the same window a year before; engagement: the kernel's;
   nps_change: the window before; carry: how long a stale source is evaluated at its watermark.
   assert_windows_fit_their_look_back holds the seeds to it. #}
{% macro look_back_days(what) -%}
    {{- return({'use_window': 182, 'use_trend': 364, 'use_year': 547, 'engagement': 90, 'nps_change': 366, 'carry': 31}[what]) -}}
{%- endmacro %}
