"""The MRR identity, written once more and differently from the models: movements lead from evening to evening."""

from __future__ import annotations

from typing import Any

from tests.integration.pipeline import Pipeline

EVENINGS = """
with calendar as (
    select unnest(generate_series(min(as_of_on), max(as_of_on), interval 1 day))::date as as_of_on
    from marts.account_segments_daily
),
keys as (
    select account_id, currency from marts.mrr_daily union select account_id, currency from marts.mrr_movements
),
changes as (
    select account_id, currency, as_of_on, sum(mrr_change) as change, sum(native_mrr_change) as native_change
    from marts.mrr_movements group by all
),
evenings as (
    select
        account_id, currency, as_of_on, date_trunc('month', as_of_on)::date as month_on,
        coalesce(mrr, 0) as mrr, coalesce(native_mrr, 0) as native_mrr,
        coalesce(change, 0) as change, coalesce(native_change, 0) as native_change
    from keys cross join calendar
    left join marts.mrr_daily using (account_id, currency, as_of_on)
    left join changes using (account_id, currency, as_of_on)
)
"""

PER_DAY = """
select * from (
    select *, lag(mrr) over earlier as mrr_before, lag(native_mrr) over earlier as native_before
    from evenings window earlier as (partition by account_id, currency order by as_of_on)
)
where mrr_before + change <> mrr or native_before + native_change <> native_mrr
"""

PER_MONTH = """
, months as (
    select
        account_id, currency, month_on, sum(change) as change, sum(native_change) as native_change,
        max_by(mrr, as_of_on) as mrr, max_by(native_mrr, as_of_on) as native_mrr
    from evenings group by account_id, currency, month_on
)
select * from (
    select *, lag(mrr) over earlier as mrr_before, lag(native_mrr) over earlier as native_before
    from months window earlier as (partition by account_id, currency order by month_on)
)
where mrr_before + change <> mrr or native_before + native_change <> native_mrr
"""

IN_ALL = """
select * from (
    select
        as_of_on, sum(mrr) as mrr, sum(change) as change, lag(sum(mrr)) over (order by as_of_on) as before
    from evenings group by as_of_on
)
where before + change <> mrr
"""


def gaps(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """Evenings, months and days of the company to which the movements do not lead, to the minor unit; none is right."""
    unknown = "select * from marts.mrr_daily where mrr is null"
    return [
        row
        for query in (EVENINGS + PER_DAY, EVENINGS + PER_MONTH, EVENINGS + IN_ALL, unknown)
        for row in pipeline.rows(query)
    ]
