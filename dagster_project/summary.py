"""The table in the terminal after a refresh: accounts by health, their MRR, and how it moved in 28 days.

The five rows are equal parts of the scale, for reading only; no segment or decision rests on them.
"""

from __future__ import annotations

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from dagster_project.publication import database_path
from dagster_project.sources.currencies import exponents
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping

MOVEMENT_DAYS = 28
QUERY = f"""
with today as (

    select
        account_id,
        mrr,
        coalesce(health_unknown_reason, health_status, 'unknown') as status,
        -- least() passes over a null
        case when health_bp is not null then cast(least(health_bp // 2500, 3) as integer) end as quarter
    from marts.account_segments
    where
        not is_internal
        and scoring_version = (select min(scoring_version) from marts.account_segments)

),

moved as (

    select
        account_id,
        sum(mrr_change) filter (where movement in ('new', 'reactivation', 'resume')) as gained,
        sum(mrr_change) filter (where movement = 'expansion') as expansion,
        sum(mrr_change) filter (where movement = 'contraction') as contraction,
        sum(mrr_change) filter (where movement in ('churn', 'pause')) as lost
    from marts.mrr_movements
    where as_of_on > (select max(as_of_on) from marts.account_segments) - {MOVEMENT_DAYS}
    group by account_id

)

select
    case
        when status = 'churned' or quarter is null then status
        else (quarter * 25) || ' to ' || (quarter * 25 + 25)
    end as health,
    count(*) as accounts,
    coalesce(sum(mrr), 0) as mrr,
    coalesce(sum(gained), 0) as gained,
    coalesce(sum(expansion), 0) as expansion,
    coalesce(sum(contraction), 0) as contraction,
    coalesce(sum(lost), 0) as lost
from today left join moved using (account_id)
group by health
order by min(case when status = 'churned' or quarter is null then -1 else quarter end) desc, health
"""
HEADINGS = ("MRR", "new", "expansion", "contraction", "churn")


def print_summary(console: Console, home: Home, mapping: Mapping) -> None:
    """Print the accounts of the newest published day by health; amounts in major units of the reporting currency."""
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        rows = connection.execute(QUERY).fetchall()
        newest = connection.execute("select max(as_of_on) from marts.account_segments").fetchone()
    if not rows:
        console.print("No account is known yet: usage, billing or the accounts table must name one.", style="yellow")
        return
    table = Table(
        title=f"Accounts as of {newest[0] if newest else '?'}, amounts in {mapping.reporting_currency} a month",
        caption=f"Movements of {MOVEMENT_DAYS} days; returns are in new, pauses in churn.",
        box=box.SIMPLE,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("health")
    for heading in ("accounts", *HEADINGS):
        table.add_column(heading, justify="right")
    scale = 10 ** exponents()[mapping.reporting_currency]
    total: list[int] = [sum(int(row[n]) for row in rows) for n in range(1, 7)]
    for name, count, *amounts in [*rows, ("all", *total)]:
        if name == "all":
            table.add_section()
        table.add_row(str(name), f"{count:,}", *(f"{round(int(amount) / scale):,}" for amount in amounts))
    console.print(table)
