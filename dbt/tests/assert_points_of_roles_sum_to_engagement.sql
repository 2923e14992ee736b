select
    account_id,
    as_of_on,
    scoring_version
from {{ ref('int_engagement_daily') }}
where decision_maker_points_bp + influencer_points_bp + user_points_bp is distinct from engagement_bp
