"""The whole company in one place: the order in which its parts are simulated and written."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from examples.sample_company.archetypes import draw_accounts
from examples.sample_company.billing import export_billing, export_invoices, plant_characters
from examples.sample_company.crm import export_crm
from examples.sample_company.deliveries import Exports
from examples.sample_company.finance import export_costs, export_rates
from examples.sample_company.people import draw_people
from examples.sample_company.subscriptions import simulate_billing
from examples.sample_company.truth import write_truth
from examples.sample_company.usage import CATALOGUE, export_usage
from examples.sample_company.voice import export_voice
from examples.sample_company.world import World

MAPPING = Path(__file__).parents[2] / "sources.yml"


def write_company(world: World, out: Path) -> int:
    """Writes `out/exports`, `out/truth` and `out/sources.yml`; returns the number of usage rows written.

    `out/exports` is there only when everything is: a simulation that dies leaves no more than `out/.unfinished`, which
    the next one begins anew.
    """
    if (out / "exports").exists():
        raise FileExistsError(f"{out / 'exports'} exists; exports of two simulations must not mix: delete it first")
    unfinished = out / ".unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    exports = Exports(world, unfinished)
    accounts = draw_accounts(world)
    billing = simulate_billing(world, accounts)
    people = draw_people(world, accounts, billing)
    export_billing(world, accounts, billing, exports)
    export_invoices(world, accounts, billing, exports)
    plant_characters(world, accounts, billing, exports)
    export_voice(world, accounts, billing, people, exports)
    export_crm(world, accounts, billing, people, exports)
    export_rates(world, exports)
    export_costs(world, accounts, exports)
    usage = export_usage(world, accounts, billing, people, exports)
    write_truth(world, accounts, billing, people, usage, exports, world.merge_day())
    _write_mapping(world, unfinished)
    _put_in_place(unfinished, out)
    return usage.written_events


def _put_in_place(unfinished: Path, out: Path) -> None:
    shutil.rmtree(out / "truth", ignore_errors=True)
    for part in sorted(unfinished.iterdir(), key=lambda part: part.name == "exports"):
        part.replace(out / part.name)
    unfinished.rmdir()


def _write_mapping(world: World, out: Path) -> None:
    """The shipped mapping, for the exports beside it: a folder with any simulation is complete by itself."""
    mapping = yaml.safe_load(MAPPING.read_text(encoding="utf-8"))
    mapping.pop("sample", None)
    mapping["exports"] = "exports"
    mapping["event_catalogue"] = CATALOGUE.name
    mapping["score_references"] = "score_references.csv"
    mapping["calendar"]["first_day"] = world.first_day
    for name, source in mapping["sources"].items():
        if world.snapshots == "weekly" and name in ("subscription_items", "legacy_contracts"):
            source["expected"] = "weekly"
        if world.snapshots == "weekly" and name in ("crm_accounts", "crm_contacts"):
            source["expected"] = "on_demand"
    text = yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True, width=10_000)
    (out / "sources.yml").write_text(text, encoding="utf-8")
    (out / CATALOGUE.name).write_bytes(CATALOGUE.read_bytes())
