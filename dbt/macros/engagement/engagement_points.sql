{# CTE pointed from CTE joined: the account's score in basis points, split among its roles by largest remainder
   (ties to the decision maker, then the influencer), so that the points sum to it exactly. #}
{% macro engagement_points() %}
{%- set roles = ['decision_maker', 'influencer', 'user'] %}
weighed as (

    select
        *,
        decision_maker_parts + influencer_parts + user_parts as all_parts,
        {% for role in roles -%}
        {{ role }}_parts * {{ role }}_bp as {{ role }}_weight{{ ',' if not loop.last }}
        {% endfor %}
    from joined

),

floored as (

    select
        *,
        {% for role in roles -%}
        cast(floor({{ role }}_weight / cast(all_parts as double)) as bigint) as {{ role }}_floor_bp,
        {{ role }}_weight % all_parts as {{ role }}_rest,
        {% endfor -%}
        cast(floor(
            (2 * (decision_maker_weight + influencer_weight + user_weight) + all_parts) / (2.0 * all_parts)
        ) as bigint) as score_bp
    from weighed

),

pointed as (

    select
        account_id,
        as_of_on,
        scoring_version,
        case when is_calibrated then score_bp end as engagement_bp,
        case
            when has_contacts
                then case
                    when missing_roles = '' then 'complete' else concat('missing: ', missing_roles)
                end
        end as role_coverage,
        {% for role in roles -%}
        case when is_calibrated then {{ role }}_bp end as {{ role }}_bp,
        {% endfor -%}
        {% for role in roles -%}
        case
            when is_calibrated
                then {{ role }}_floor_bp + case
                    when score_bp - decision_maker_floor_bp - influencer_floor_bp - user_floor_bp
                        > {% for other in roles if other != role -%}
                        case
                            when {{ other }}_rest > {{ role }}_rest
                                {%- if roles.index(other) < roles.index(role) %}
                                or {{ other }}_rest = {{ role }}_rest
                                {%- endif %} then 1
                            else 0
                        end
                        {%- if not loop.last %}
                        + {% endif %}
                        {%- endfor %}
                        then 1
                    else 0
                end
        end as {{ role }}_points_bp,
        {% endfor -%}
        {% for role in roles -%}
        {{ role }}_parts > 0 as is_{{ role }}_required,
        {% endfor -%}
        decision_makers,
        influencers,
        greatest(listed_users, users_seen) as users,
        engaged_decision_makers,
        engaged_influencers,
        engaged_users,
        has_contacts,
        size,
        case when is_calibrated then 'fresh' else 'uncalibrated' end as status
    from (
        select
            *,
            concat_ws(
                ', ',
                case when decision_maker_parts > 0 and decision_makers = 0 then 'decision_maker' end,
                case when influencer_parts > 0 and influencers = 0 then 'influencer' end,
                case when user_parts > 0 and listed_users = 0 and users_seen = 0 then 'user' end
            ) as missing_roles
        from floored
    ) as covered

)
{%- endmacro %}
