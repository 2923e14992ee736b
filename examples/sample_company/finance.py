"""Exchange rates as a central bank publishes them (weekdays, foreign units per euro) and monthly costs."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from examples.sample_company.archetypes import COUNTRIES, Accounts
from examples.sample_company.deliveries import Exports, csv_text
from examples.sample_company.usage import easter
from examples.sample_company.world import World

RATES = {"USD": (1.16, 4), "JPY": (181.0, 2), "GBP": (0.87, 5)}  # start, decimals
HISTORY_DAYS = 10  # the first file reaches back, since the window may start on a holiday


def export_rates(world: World, exports: Exports) -> None:
    """One file per weekday with that day's rates; none on weekends and bank holidays."""
    rng = world.stream("rates")
    rows: list[tuple[str, ...]] = []
    level = {currency: start for currency, (start, _) in RATES.items()}
    for day in range(-HISTORY_DAYS, world.days):
        on = world.on(day)
        for currency in RATES:
            level[currency] *= float(np.exp(rng.normal(0, 0.004)))
        sunday = easter(on.year)
        holidays = {sunday - timedelta(days=2), sunday + timedelta(days=1)}
        is_closed = on.weekday() >= 5 or on in holidays or (on.month, on.day) in ((1, 1), (5, 1), (12, 25), (12, 26))
        if not is_closed:
            rows.append((str(on), *(f"{level[currency]:.{decimals}f}" for currency, (_, decimals) in RATES.items())))
        if rows and day >= 0:
            exports.write("ecb", day, f"eurofxref_{on}.csv", csv_text(("Date", *RATES), rows))
            rows = []


def export_costs(world: World, accounts: Accounts, exports: Exports) -> None:
    """One file at the end of each full month; the second month's is corrected ten days later."""
    rng = world.stream("costs")
    header = ("Month", "Region", "Account", "Type", "Amount", "Currency")
    months = 0
    for day in range(world.days):
        on = world.on(day)
        if world.on(day + 1).day != 1:
            continue
        months += 1
        rows: list[tuple[str, ...]] = []
        for region in sorted({country[2] for country in COUNTRIES}):
            share = sum(country[1] for country in COUNTRIES if country[2] == region)
            for kind, per_account in (("acquisition", 18.0), ("serve", 31.0)):
                amount = len(accounts) * share * per_account * rng.uniform(0.85, 1.15)
                rows.append((f"{on:%Y-%m}-01", region, "", kind, f"{amount:.2f}", "EUR"))
        for account in np.argsort(-accounts.seats, kind="stable")[:3]:
            rows.append(
                (
                    f"{on:%Y-%m}-01",
                    "",
                    accounts.ids[int(account)],
                    "serve",
                    f"{rng.uniform(300, 900):.2f}",
                    "USD",
                )
            )
        exports.write("finance", day, f"costs_{on}_v1.csv", csv_text(header, rows))
        if months == 2 and day + 10 <= world.last:
            rows[0] = (*rows[0][:4], f"{float(rows[0][4]) * 1.2:.2f}", "EUR")
            exports.write("finance", day + 10, f"costs_{on}_v2.csv", csv_text(header, rows))
            exports.plant("corrected_file", "finance.costs", day, "", "2nd revision raises one amount by a fifth")
