-- sqlfluff:exclude_rules:ST06,RF04,LT02,LT05
-- (loops write columns here, which the two layout rules judge as if they stood in one line)
-- the points of the components are health, exactly; risk is what health leaves, and what the floor adds
select
    account_id,
    as_of_on,
    scoring_version
from {{ ref('health_daily') }}
where
    health_bp is not null
    and (
        health_bp <> {% for component in health_components() -%}
            coalesce({{ component }}_points_bp, 0){% if not loop.last %} + {% endif %}
        {%- endfor %}
        or risk_bp <> 10000 - health_bp + floor_points_bp
        or risk_bp <> greatest(10000 - health_bp, coalesce(floor_bp, 0))
        or health_bp not between 0 and 10000
        or confidence_micro not between 0 and 1000000
    )
