{# What the classes of an axis rest on, as SQL, by axis and predicate; segment_predicates says what each means.

   @ is the account's row of account_segments_daily, # its row of the axis, #_name its row of a further table of the axis:
   all stand for the earlier and the later day.
   holds: whether it is true; figure: what is judged; line: against what; by_time: whether time alone turned it; by_data:
   whether something that began or ceased to be known did; matters: where a change rests on it at all.
   An axis that is not listed explains its changes by its raw class alone. #}
{% macro segment_predicates() -%}
    {%- set lifecycle = {
        'churned': {'holds': is_churned('@'), 'figure': '@.billing_status'},
        'paused': {'holds': "@.billing_status = 'paused'", 'figure': '@.billing_status'},
        'has_paid': {'holds': '@.first_paid_on is not null', 'figure': 'cast(@.first_paid_on as varchar)'},
        'on_trial': {
            'holds': "@.billing_status = 'trialing' and @.first_paid_on is null", 'figure': '@.billing_status',
            'by_time': "later.first_paid_on is null and later.billing_status <> 'trialing'",
        },
        'onboarding': {
            'holds': '@.paid_days <= parameters.onboarding_days and @.activated_on is null',
            'figure': "concat(coalesce(@.paid_days, 0), ' paid days, ', case when @.activated_on is null then 'not ' end, 'activated')",
            'line': 'cast(parameters.onboarding_days as varchar)',
            'by_time': 'later.activated_on is null and later.paid_days > parameters.onboarding_days',
        },
        'breadth_known': {'holds': '@.breadth_micro is not null', 'figure': percent('@.breadth_micro')},
        'seats_used': {
            'holds': 'coalesce(@.seat_utilisation_micro >= 1e6 * parameters.mature_utilisation, @.seats is null)',
            'figure':
                "coalesce(" ~ percent('@.seat_utilisation_micro') ~ ", case when @.seats is null then 'no seats' end)",
            'line': percent('1e6 * parameters.mature_utilisation'),
        },
        'breadth_of_mature': {
            'holds': '@.breadth_micro >= 1e6 * parameters.mature_breadth',
            'figure': percent('@.breadth_micro'), 'line': percent('1e6 * parameters.mature_breadth'),
        },
        'grows_little': {
            'holds': '#.doublings_micro < 1e6 * ln(1 + parameters.mature_growth) / ln(2e0)',
            'figure': percent('1e6 * (pow(2e0, #.doublings_micro / 1e6) - 1)'),
            'line': percent('1e6 * parameters.mature_growth'),
        },
        'breadth_of_growth': {
            'holds': '@.breadth_micro >= 1e6 * parameters.growth_breadth',
            'figure': percent('@.breadth_micro'), 'line': percent('1e6 * parameters.growth_breadth'),
        },
    } -%}
    {%- set playbook = {
        'customer': {'holds': "coalesce(#.stage, '') not in ('churned', 'paused', 'trial', 'free')", 'figure': '#.stage'},
        'onboarding': {
            'holds': "#.stage = 'onboarding'", 'figure': '#.stage',
            'by_time': 'later.activated_on is null and later.paid_days > parameters.onboarding_days',
        },
        'at_risk': {
            'holds': '#.is_at_risk', 'figure': tenths('#.risk'),
            'line': "concat(" ~ tenths('parameters.risk_enter_at') ~ ", ' and ', " ~ tenths('parameters.risk_exit_at') ~ ")",
        },
        'room_to_grow': {
            'holds': '#.is_growing', 'figure': tenths('#.growth'),
            'line':
                "concat(" ~ tenths('parameters.growth_enter_at') ~ ", ' and ', " ~ tenths('parameters.growth_exit_at') ~ ")",
        },
    } -%}
    {%- set fit = {
        'answers_connected': {'holds': "#.status <> 'unknown'", 'figure': '#.status'},
        'pillar_under_the_line': {
            'holds': '#.failed_pillars is not null', 'figure': "coalesce(#.failed_pillars, 'none')",
            'line': tenths('parameters.pillar_rating'),
            'by_time': 'later_axis.failed_pillars is null and later_axis.rated_pillars < earlier_axis.rated_pillars',
        },
        'assessed': {
            'holds': "#.status = 'fresh'", 'figure': "concat(#.rated_pillars, ' rated')",
            'by_time': 'later_axis.rated_pillars < earlier_axis.rated_pillars',
        },
    } -%}
    {%- set axes = {
        'avatar': avatar_predicates(), 'advocacy': advocacy_predicates(), 'fit': fit, 'touch': touch_predicates(),
        'playbook': playbook, 'lifecycle': lifecycle,
    } -%}
    {%- set built = {} -%}
    {%- for axis in segment_axes() if axis in axes -%}
        {%- do built.update({axis: axes[axis]}) -%}
    {%- endfor -%}
    {{- return(built) -}}
{%- endmacro %}

{# The further tables that the predicates of an axis read: on_days with a row per account and day, of_changes with one per
   change, by_version with one per scoring version; each by the name that the predicates call it. #}
{% macro segment_predicate_tables(axis) -%}
    {{- return({
        'avatar': {
            'on_days': {
                'facts': 'int_avatar_facts_daily', 'standing': 'int_avatar_standing_daily',
                'watch': 'int_avatar_watch_daily', 'arr': 'int_avatar_arr_side_daily',
                'growth': 'int_avatar_growth_side_daily',
            },
            'by_version': {'score_references': 'int_avatar_references', 'settings': 'int_touch_settings'},
        },
        'advocacy': {
            'on_days': {'engagement': 'int_engagement_side_daily'},
            'of_changes': {'evidence': 'int_segment_change_evidence'},
            'by_version': {'settings': 'int_touch_settings'},
        },
        'touch': {
            'on_days': {'side': 'int_touch_side_daily'}, 'by_version': {'settings': 'int_touch_settings'},
        },
    }.get(axis, {})) -}}
{%- endmacro %}

{# A predicate's SQL on one of the two days. #}
{% macro on_day(sql, moment) -%}
    {{- sql.replace('@', moment).replace('#', moment ~ '_axis') -}}
{%- endmacro %}

{# The axis's own column of a row of account_segments_daily. #}
{% macro axis_value(column, segments, axis) -%}
    case {{ axis }}
        {%- for name in segment_axes() %}
        when '{{ name }}' then {{ segments }}.{{ name }}_{{ column }}
        {%- endfor %}
    end
{%- endmacro %}

{# Within how many days the way back is a change undone, as a literal. #}
{% macro undone_days() -%}
    {%- set parameters = ref('segment_history_parameters') -%}
    {%- if execute -%}
        {{- value_of_the_run(
            "select cast(max(value) as integer) from " ~ parameters ~ " where parameter = 'undone_days'"
        ) -}}
    {%- else -%}
        0
    {%- endif -%}
{%- endmacro %}

{# The longest wait of a class, for decisive days and until it may be taken back, as a literal. #}
{% macro longest_wait_days() -%}
    {%- set borders, axes, undone = ref('segment_borders'), ref('segment_axes'), undone_days() -%}
    {%- if execute -%}
        {{- value_of_the_run(
            "select max(decisive_days) + " ~ undone ~ " from (select decisive_days from " ~ borders
            ~ " union all select decisive_days from " ~ axes ~ ") as waits"
        ) -}}
    {%- else -%}
        0
    {%- endif -%}
{%- endmacro %}

{# The first day that a change of the window is compared with, as a literal. #}
{% macro first_compared_on() -%}
    {%- set changes = ref('int_segment_changes') -%}
    {%- if execute -%}
        cast('{{ single_value(
            "select coalesce(cast(min(compared_on) as varchar), '9999-12-31') from " ~ changes
            ~ " where as_of_on >= " ~ recompute_from('scores')
        ) }}' as date)
    {%- else -%}
        cast('1900-01-01' as date)
    {%- endif -%}
{%- endmacro %}
