"""The currencies that are known, each with the decimals of its minor unit: `dbt/seeds/currencies.csv`."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

CURRENCIES = Path(__file__).resolve().parents[2] / "dbt" / "seeds" / "currencies.csv"


@cache
def exponents() -> dict[str, int]:
    """Decimals of the minor unit by ISO 4217 code."""
    with CURRENCIES.open(encoding="utf-8", newline="") as stream:
        return {row["currency"]: int(row["exponent"]) for row in csv.DictReader(stream)}
