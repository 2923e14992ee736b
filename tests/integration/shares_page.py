"""The page of shares, `docs/shares.md`, as its readers see it: its tables, and where each of its figures comes from."""

from __future__ import annotations

import re
from pathlib import Path

SHARES = Path(__file__).resolve().parents[2] / "docs" / "shares.md"
COMPANIES = {"The simulated CRM": "crm_simulated", "RavenStack": "ravenstack"}
AXES = {"avatar", "advocacy", "fit", "touch", "playbook", "lifecycle"}


def tables(company: str) -> dict[tuple[str, str], list[list[str]]]:
    """The rows of each table of the page about a company, by (day, subject), both empty where a heading has none."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    of_company, on, subject = False, "", ""
    for line in SHARES.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"## (.+?)(?: on (\d{4}-\d\d-\d\d))?", line):
            of_company, on, subject = COMPANIES.get(heading[1]) == company, heading[2] or "", ""
        elif line.startswith("### "):
            subject = line.removeprefix("### ").lower()
        elif of_company and line.startswith("|"):
            found.setdefault((on, subject), []).append([cell.strip() for cell in line.strip("|").split("|")])
    return {place: rows[2:] for place, rows in found.items()}  # after the names of the columns and the rule


# from the export alone (read_csv), or from the published tables
FIGURES: dict[str, dict[str, str]] = {
    "crm_simulated": {
        "subscription lines in the export": "select count(*) from read_csv('{exports}/subscription.csv')",
        "lines that start after 2025-06-30": """
            select count(*) from read_csv('{exports}/subscription.csv') where start_date > '2025-06-30'""",
        "accounts whose last line has ended by 2025-06-30": """
            select count(*) from (select max(end_date) as ends from read_csv('{exports}/subscription.csv')
            group by account_id) where ends <= '2025-06-30'""",
        "accounts whose last line has ended by 2025-07-31": """
            select count(*) from (select max(end_date) as ends from read_csv('{exports}/subscription.csv')
            group by account_id) where ends <= '2025-07-31'""",
        "accounts with an event on 2025-06-30": """
            select count(distinct account_id) from read_csv('{exports}/event.csv.gz')
            where event_time::date = '2025-06-30'""",
        "accounts with an event on 2025-07-31": """
            select count(distinct account_id) from read_csv('{exports}/event.csv.gz')
            where event_time::date = '2025-07-31'""",
        "most paid days of an account on 2025-06-30": """
            select max(paid_days) from marts.account_segments_daily where as_of_on = '2025-06-30'""",
        "highest MRR of an account on any day, USD": "select max(mrr) // 100 from marts.account_segments_daily",
        "highest return of touch on any day, USD": """
            select max(touch_expected_return) / 100 from marts.account_segments_daily""",
        "paying accounts on 2025-06-30 with a risk of 50 or more": """
            select count(*) from marts.account_segments_daily
            where as_of_on = '2025-06-30' and is_paying and risk_bp >= 5000""",
        "paying accounts on 2025-06-30 with a growth potential of 0": """
            select count(*) from marts.account_segments_daily
            where as_of_on = '2025-06-30' and is_paying and growth_bp = 0""",
        "of these with 60 % of their seats in use or less": """
            select count(*) from marts.account_segments_daily
            where as_of_on = '2025-06-30' and is_paying and growth_bp = 0 and seat_utilisation_micro <= 600000""",
        "of these with an MRR of 2,020 USD or more": """
            select count(*) from marts.account_segments_daily
            where as_of_on = '2025-06-30' and is_paying and growth_bp = 0 and mrr >= 202000""",
    },
    "ravenstack": {
        "accounts that signed up by 2023-03-31": """
            select count(*) from read_csv('{exports}/ravenstack_accounts.csv') where signup_date <= '2023-03-31'""",
        "accounts in use by 2023-03-31": """
            select count(distinct account_id) from read_csv('{exports}/ravenstack_feature_usage.csv')
            inner join read_csv('{exports}/ravenstack_subscriptions.csv') using (subscription_id)
            where usage_date <= '2023-03-31'""",
        "accounts with an escalated ticket in the 90 days to 2024-12-31": """
            select count(distinct account_id) from read_csv('{exports}/ravenstack_support_tickets.csv')
            where escalation_flag and submitted_at::date between '2024-10-03' and '2024-12-31'""",
        "MRR of the median paying account on 2024-06-30, USD": """
            select quantile_disc(mrr, .5) // 100 from marts.account_segments_daily
            where as_of_on = '2024-06-30' and is_paying""",
        "MRR of the median paying account on 2024-12-31, USD": """
            select quantile_disc(mrr, .5) // 100 from marts.account_segments where is_paying""",
        "accounts that pay 4,684 USD or more on 2024-12-31": """
            select count(*) from marts.account_segments where mrr >= 468400""",
        "accounts with known momentum on 2024-12-31": "select count(momentum_micro) from marts.account_segments",
        "of these with half a doubling or more in 180 days": """
            select count(*) from marts.account_segments where momentum_micro >= 500000""",
        "of these at the median MRR of the references or above": """
            select count(*) from marts.account_segments where momentum_micro >= 500000 and mrr >= 1393700""",
        "entrants under 180 paid days": """
            select count(*) from marts.account_segments where avatar_class = 'entrant' and paid_days < 180""",
        "entrants of 180 to 364 paid days with unknown growth potential": """
            select count(*) from marts.account_segments
            where avatar_class = 'entrant' and paid_days between 180 and 364 and growth_bp is null""",
        "entrants of 365 paid days or more with room to grow": """
            select count(*) from marts.account_segments
            where avatar_class = 'entrant' and paid_days >= 365 and growth_bp >= 3500""",
        "slow runners between the end of their watch and 30 days of room to grow": """
            select count(*) from marts.account_segments
            where avatar_class = 'slow_runner' and paid_days between 366 and 395 and growth_bp >= 5000""",
        "accounts in high touch at the cut-off of the month or above": """
            select count(*) from marts.account_segments
            where touch_class = 'high' and touch_expected_return >= touch_cutoff""",
        "accounts in low touch whose return leaves growth out": """
            select count(*) from marts.account_segments where touch_class = 'low' and touch_left_out like '%growth%'""",
        "accounts whose health rests on payment alone": """
            select count(*) from marts.health_daily
            where as_of_on = '2024-12-31' and health_bp = 10000 and payment_weight_milli > 0
            and coalesce(recency_weight_milli, 0) + coalesce(frequency_weight_milli, 0) = 0""",
    },
}
