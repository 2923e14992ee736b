"""Claims about the simulated company: reproducible, every planted trait present, a truth that can be recounted."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from examples.sample_company import company as company_module
from examples.sample_company.company import MAPPING, write_company
from examples.sample_company.usage import RENAMED, RENAMED_TO, read_catalogue
from examples.sample_company.world import make_world

FIRST_DAY = date(2026, 1, 1)
BERLIN = ZoneInfo("Europe/Berlin")


def simulate(out: Path, accounts: int = 24, days: int = 30, seed: int = 1, **options: Any) -> Path:
    write_company(make_world(accounts, days, seed, FIRST_DAY, **options), out)
    return out


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("company"), accounts=80, days=120)


def table(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


def files(company: Path, pattern: str) -> list[Path]:
    found = sorted((company / "exports").glob(pattern))
    assert found, f"no export matches {pattern}"
    return found


def planted(company: Path, kind: str, table_name: str) -> list[dict[str, str]]:
    rows = [row for row in table(company / "truth/planted.csv") if (row["kind"], row["table"]) == (kind, table_name)]
    assert rows, f"{kind} is not planted in {table_name}"
    return rows


def usage_files(company: Path, slot: str) -> list[tuple[str, Path]]:
    """The deliveries of a slot as (received, file), in the order of their arrival."""
    found = (company / "exports/product_analytics").glob(f"*/events_{slot}.csv.gz")
    return sorted((path.parent.name.removeprefix("received="), path) for path in found)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stripe_items(company: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in files(company, "billing/*/subscription_items_*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.stem[-10:], json.loads(line)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    once, again, other = (simulate(tmp_path / name, seed=seed) for name, seed in (("a", 5), ("b", 5), ("c", 6)))
    assert digests(once) == digests(again)
    assert digests(once) != digests(other)


def test_two_simulations_do_not_mix_in_one_folder(tmp_path: Path) -> None:
    simulate(tmp_path, days=3)
    with pytest.raises(FileExistsError, match="must not mix"):
        simulate(tmp_path, days=3)


@pytest.mark.parametrize("dies_in", ["write_truth", "_put_in_place"])
def test_a_simulation_that_dies_is_not_taken_for_a_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(company_module, dies_in, die)
        with pytest.raises(KeyboardInterrupt):
            simulate(tmp_path / "again", days=3, seed=5)
    assert not (tmp_path / "again/exports").exists()
    assert digests(simulate(tmp_path / "again", days=3)) == digests(simulate(tmp_path / "once", days=3))


def test_the_exports_are_put_in_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[str] = []
    replace = Path.replace

    def noted(part: Path, target: Path) -> Path:
        placed.append(target.name)
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", noted)
    simulate(tmp_path, days=3)
    assert sorted(placed[:-1]) == ["event_catalogue.csv", "sources.yml", "truth"]
    assert placed[-1] == "exports"


def test_exports_that_were_deleted_are_simulated_with_a_truth_of_their_own(tmp_path: Path) -> None:
    simulate(tmp_path / "again", days=4, seed=5)
    shutil.rmtree(tmp_path / "again/exports")
    assert digests(simulate(tmp_path / "again", days=3)) == digests(simulate(tmp_path / "once", days=3))


def test_a_company_without_room_for_its_characters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 24.*got 10"):
        make_world(10, 30, 1, FIRST_DAY)


@pytest.mark.parametrize("days", [1, 9, 45])
def test_a_short_window_leaves_out_what_does_not_fit_and_still_works(tmp_path: Path, days: int) -> None:
    simulate(tmp_path, days=days)
    received = {path.name for path in (tmp_path / "exports").glob("*/received=*")}
    last = FIRST_DAY + timedelta(days=days - 1)
    assert max(received) <= f"received={last}"


@pytest.mark.parametrize("events", [20_000, 60_000])
def test_the_number_of_events_follows_the_option(tmp_path: Path, events: int) -> None:
    written = write_company(make_world(40, 40, 1, FIRST_DAY, events=events), tmp_path)
    assert written == pytest.approx(events, rel=0.15)


def test_weekly_snapshots_bound_the_size_of_billing(tmp_path: Path) -> None:
    simulate(tmp_path, days=30, snapshots="weekly")
    slots = [path.stem[-10:] for path in files(tmp_path, "billing/*/subscription_items_*.jsonl")]
    assert slots == ["2026-01-01", "2026-01-07", "2026-01-14", "2026-01-21", "2026-01-28", "2026-01-30"]


def test_labels_are_noisy_by_at_least_a_tenth(company: Path) -> None:
    accounts = table(company / "truth/accounts.csv")
    for label in ("archetype", "avatar", "advocacy", "fit_class", "touch", "playbook"):
        labelled = [row for row in accounts if row[label]]
        wrong = sum(row[label] != row[f"{label}_noisy"] for row in labelled)
        assert 0.10 <= wrong / len(labelled) <= 0.25, label


# deliveries


def test_files_are_as_late_as_planted(company: Path) -> None:
    waits = set()
    for row in planted(company, "late_file", "usage.events"):
        ((received, _),) = usage_files(company, row["day"])
        waits.add((date.fromisoformat(received) - date.fromisoformat(row["day"])).days)
    assert waits == {1, 3, 5, 30}


def test_a_duplicate_file_has_the_same_bytes(company: Path) -> None:
    (row,) = planted(company, "duplicate_file", "usage.events")
    (_, first), (_, second) = usage_files(company, row["day"])
    assert first.read_bytes() == second.read_bytes()


def test_corrections_add_remove_and_revert_rows(company: Path) -> None:
    sizes = {}
    for kind in ("corrected_file", "corrected_file_with_fewer_rows", "reverted_file"):
        (row,) = planted(company, kind, "usage.events")
        sizes[kind] = [len(table(path)) for _, path in usage_files(company, row["day"])]
    before, after = sizes["corrected_file"]
    assert before < after
    before, after = sizes["corrected_file_with_fewer_rows"]
    assert before > after
    good, wrong, reverted = sizes["reverted_file"]
    assert good == reverted > wrong


def test_an_outage_is_corrected_two_days_later(company: Path) -> None:
    (row,) = planted(company, "outage", "usage.events")
    (_, few), (received, all_of_them) = usage_files(company, row["day"])
    assert len(table(few)) < 0.25 * len(table(all_of_them))
    assert date.fromisoformat(received) - date.fromisoformat(row["day"]) == timedelta(days=2)


def test_one_day_is_missing_and_every_other_day_is_there(company: Path) -> None:
    (row,) = planted(company, "missing_day", "usage.events")
    missing = [
        str(day) for day in (FIRST_DAY + timedelta(days=n) for n in range(120)) if not usage_files(company, str(day))
    ]
    assert missing == [row["day"]]


def test_bad_rows_are_few_in_every_file(company: Path) -> None:
    bad = Counter(
        (row["table"], row["day"]) for row in table(company / "truth/planted.csv") if row["kind"].startswith("bad_")
    )
    assert {name for name, _ in bad} >= {
        "usage.events",
        "billing.invoices",
        "nps.responses",
        "crm.touchpoints",
    }
    assert max(bad.values()) < 20


# usage


def test_an_event_is_renamed_from_the_planted_day_on(company: Path) -> None:
    (row,) = planted(company, "event_renamed", "usage.events")
    before = Counter(
        event["event"] for event in table(usage_files(company, str(FIRST_DAY + timedelta(days=40)))[-1][1])
    )
    after = Counter(event["event"] for event in table(usage_files(company, row["day"])[-1][1]))
    assert before[RENAMED] > 0
    assert before[RENAMED_TO] == 0
    assert after[RENAMED_TO] > 0


def test_event_times_are_utc_and_some_events_come_with_a_later_days_file(company: Path) -> None:
    lags: Counter[int] = Counter()
    for path in files(company, "product_analytics/*/events_2026-02-*.csv.gz"):
        slot = date.fromisoformat(path.name[7:17])
        for event in table(path):
            if event["insert_id"].startswith("bad"):
                continue
            assert event["time"].endswith("Z")
            lags[(slot - datetime.fromisoformat(event["time"]).astimezone(BERLIN).date()).days] += 1
    assert set(lags) <= set(range(6))
    assert len(lags) > 3
    assert lags[0] > 0.98 * lags.total()


def test_the_same_user_id_appears_in_different_accounts_and_some_events_have_none(company: Path) -> None:
    events = table(usage_files(company, "2026-02-19")[-1][1])
    people = {(event["distinct_id"], event["group_id"]) for event in events if event["distinct_id"]}
    assert max(Counter(user for user, _ in people).values()) > 5
    assert any(not event["distinct_id"] for event in events)


def test_weekends_are_quiet_and_the_seasonal_account_has_a_season(company: Path) -> None:
    weekday = len(table(usage_files(company, "2026-02-18")[-1][1]))
    sunday = len(table(usage_files(company, "2026-02-22")[-1][1]))
    assert sunday < 0.3 * weekday
    months = {row["month"] for row in table(company / "truth/usage_monthly.csv") if row["account_id"] == "acc_00014"}
    assert 0 < len(months) < 4


def test_the_catalogue_names_every_event_but_the_renamed_one(company: Path) -> None:
    catalogue = {row["event_name"] for row in read_catalogue()}
    assert sum(row["is_core"] == "true" for row in read_catalogue()) == 10
    seen = {event["event"] for event in table(usage_files(company, "2026-04-08")[-1][1])}
    assert seen - catalogue == {RENAMED_TO}


# money


def test_truth_mrr_equals_a_recount_from_the_exports(company: Path) -> None:
    """Ends as the last snapshot knows them, the status as the snapshot of the day shows it."""
    last: dict[tuple[str, str, str], dict[str, Any]] = {}
    status_on: dict[tuple[str, tuple[str, str, str]], str] = {}
    vanished_from: dict[tuple[str, str, str], str] = {}
    seen: dict[str, set[tuple[str, str, str]]] = {}
    for slot, line in exported_lines(company):
        key = line["subscription"], line["item"], str(line["starts"])
        last[key] = line
        status_on[slot, key] = line["status"]
        seen.setdefault(slot, set()).add(key)
    for before, after in pairwise(sorted(seen)):
        vanished_from |= dict.fromkeys(seen[before] - seen[after], after)

    recount: Counter[tuple[str, str, str]] = Counter()
    for day in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"):
        end_of_day = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), BERLIN)
        for key, line in last.items():
            # a line that became known late has no status on the day: it takes its first one
            status = status_on.get((day, key), line["status"])
            in_force = line["starts"] < end_of_day and (line["ends"] is None or line["ends"] >= end_of_day)
            if not in_force or vanished_from.get(key, "9999") <= day or line["pricing"] == "metered":
                continue
            if status in ("active", "past_due") or (status == "canceled" and line["ends"]):
                discounted = Fraction(line["unit_amount"]) * line["quantity"]
                if line["discount_ends"] is None or line["discount_ends"] >= end_of_day:
                    discounted = discounted * (100 - Fraction(line["percent"])) / 100 - line["amount_off"]
                months = line["count"] * {"week": Fraction(12, 52), "month": 1, "year": 12}[line["interval"]]
                mrr = int(max(discounted, 0) / months + Fraction(1, 2))
                recount[line["account"], day, line["currency"]] += mrr
    truth = {
        (row["account_id"], row["day"], row["currency"]): int(row["mrr_minor"])
        for row in table(company / "truth/mrr.csv")
    }
    assert truth == {key: mrr for key, mrr in recount.items() if mrr}


def exported_lines(company: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(slot, line) of both billing systems, in the order of their slots, in one vocabulary."""

    def moment(epoch: int | None) -> datetime | None:
        return None if epoch is None else datetime.fromtimestamp(epoch, BERLIN)

    for slot, item in stripe_items(company):
        subscription, price = item["subscription"], item["price"]
        coupon = (subscription["discount"] or {}).get("coupon", {})
        yield slot, {
            "subscription": subscription["id"], "item": item["id"], "account": subscription["metadata"]["account_id"],
            "status": "paused" if subscription["pause_collection"] else subscription["status"],
            "starts": moment(item["created"]), "ends": moment(subscription["ended_at"] or subscription["cancel_at"]),
            "quantity": item["quantity"], "unit_amount": price["unit_amount"], "currency": price["currency"].upper(),
            "interval": price["recurring"]["interval"], "count": price["recurring"]["interval_count"],
            "pricing": price["recurring"]["usage_type"], "percent": str(coupon.get("percent_off") or 0),
            "amount_off": coupon.get("amount_off") or 0,
            "discount_ends": moment((subscription["discount"] or {}).get("end")),
        }  # fmt: skip
    statuses = {
        "aktiv": "active", "Test": "trialing", "überfällig": "past_due", "unbezahlt": "unpaid", "ruhend": "paused",
        "gekündigt": "canceled",
    }  # fmt: skip
    (customers,) = files(company, "legacy_billing/*/Kunden_*.csv")
    account_of = {row["Kundennummer"]: row["CRM_Id"] for row in table(customers, ";")}

    def civil(text: str) -> datetime | None:
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=BERLIN) if text else None

    def cents(text: str) -> int:
        return int(text.replace(",", "")) if text else 0

    for path in files(company, "legacy_billing/*/Vertraege_*.csv"):
        for row in table(path, ";", "latin-1"):
            yield path.stem[-10:], {
                "subscription": row["Vertragsnr"], "item": row["Position"], "account": account_of[row["Kundennummer"]],
                "status": statuses[row["Status"]], "starts": civil(row["Beginn"]), "ends": civil(row["Ende"]),
                "quantity": int(row["Menge"]), "unit_amount": cents(row["Einzelpreis"]), "currency": row["Währung"],
                "interval": "month" if row["Turnus"] == "monatlich" else "year",
                "count": 3 if row["Turnus"] == "dreijährlich" else 1, "pricing": "licensed",
                "percent": row["Rabatt %"].replace(",", ".") or "0", "amount_off": cents(row["Rabatt Betrag"]),
                "discount_ends": civil(row["Rabatt bis"]),
            }  # fmt: skip


def test_billing_shows_every_status_currency_term_and_kind_of_line(company: Path) -> None:
    items = [item for _, item in stripe_items(company)]
    terms = {(i["price"]["recurring"]["interval"], i["price"]["recurring"]["interval_count"]) for i in items}
    assert terms == {("week", 1), ("month", 1), ("year", 1), ("year", 3)}
    assert {item["price"]["currency"] for item in items} == {"eur", "usd", "gbp", "jpy"}
    assert {item["price"]["recurring"]["usage_type"] for item in items} == {"licensed", "metered"}
    statuses = {item["subscription"]["status"] for item in items}
    assert statuses == {"active", "trialing", "past_due", "unpaid", "canceled"}
    assert any(item["subscription"]["discount"] for item in items)
    assert any(item["price"]["nickname"] == "insights_add_on" for item in items)
    assert any(item["subscription"]["cancel_at"] for item in items)


def statuses_of(company: Path, account: str) -> list[str]:
    """The states of an account's first plan line, one after the other."""
    states: list[str] = []
    for _, item in stripe_items(company):
        subscription = item["subscription"]
        if subscription["metadata"]["account_id"] == account and subscription["id"].endswith("1"):
            state = "paused" if subscription["pause_collection"] else subscription["status"]
            if states[-1:] != [state]:
                states.append(state)
    return states


@pytest.mark.parametrize(
    ("account", "states"),
    [
        ("acc_00007", ["active", "paused", "active"]),
        ("acc_00008", ["active", "canceled"]),
        ("acc_00009", ["active", "past_due", "active"]),
        ("acc_00010", ["active", "past_due", "unpaid"]),
        ("acc_00016", ["trialing", "active"]),
        ("acc_00017", ["trialing", "canceled"]),
    ],
)
def test_characters_go_through_their_states(company: Path, account: str, states: list[str]) -> None:
    assert statuses_of(company, account) == states


def test_who_churned_comes_back_with_a_new_subscription(company: Path) -> None:
    subscriptions = {
        item["subscription"]["id"]
        for _, item in stripe_items(company)
        if item["subscription"]["metadata"]["account_id"] == "acc_00008"
    }
    assert len(subscriptions) == 2
    (row,) = [row for row in table(company / "truth/accounts.csv") if row["account_id"] == "acc_00008"]
    assert row["churned_on"] < row["returned_on"]


def test_one_account_switches_its_currency(company: Path) -> None:
    currencies = {row["currency"] for row in table(company / "truth/mrr.csv") if row["account_id"] == "acc_00002"}
    assert currencies == {"EUR", "USD"}


def test_a_renewal_is_known_two_days_after_the_term_ended(company: Path) -> None:
    (row,) = planted(company, "late_renewal", "billing.subscription_items")
    ended = date.fromisoformat(row["day"])
    first_shown = min(
        slot
        for slot, line in exported_lines(company)
        if line["account"] == row["account_id"] and line["starts"].date() == ended
    )
    assert date.fromisoformat(first_shown) - ended == timedelta(days=2)


def test_a_line_vanishes_from_the_snapshots(company: Path) -> None:
    (row,) = planted(company, "vanished_line", "billing.subscription_items")
    slots = {slot for slot, line in exported_lines(company) if line["account"] == row["account_id"]}
    assert max(slots) == str(date.fromisoformat(row["day"]) - timedelta(days=1))


def test_rates_come_on_weekdays_only_and_never_more_than_a_week_apart(company: Path) -> None:
    days = sorted(date.fromisoformat(row["Date"]) for path in files(company, "ecb/*/*.csv") for row in table(path))
    assert all(day.weekday() < 5 for day in days)
    assert days[0] < FIRST_DAY
    assert len(days) == len(set(days))
    assert max(later - earlier for earlier, later in pairwise(days)) <= timedelta(days=7)


# people


def test_the_crm_knows_internal_accounts_merges_departures_and_umlauts(company: Path) -> None:
    accounts = table(files(company, "crm/*/Account_*.csv")[-1])
    assert any(row["Is_Internal__c"] == "true" for row in accounts)
    assert any("ü" in row["Name"] for row in accounts)
    assert any(row["Parent_External_Id__c"] for row in accounts)
    contacts = table(files(company, "crm/*/Contact_*.csv")[-1])
    assert any(row["Left_On__c"] and row["Champion__c"] == "true" for row in contacts)
    (merge,) = table(files(company, "crm/*/account_merges_*.csv")[0])
    assert (merge["losing_account"], merge["surviving_account"]) == ("acc_00003", "acc_00004")


def test_answers_span_the_scale_and_each_has_an_invitation(company: Path) -> None:
    answers = [
        answer
        for path in files(company, "nps/*/delighted_responses_*.json")
        for answer in json.loads(path.read_text(encoding="utf-8"))
        if not answer["id"].startswith("rbad")
    ]
    invited = {
        (row["survey"], row["account_id"], row["user_id"])
        for path in files(company, "nps/*/delighted_invitations_*.csv")
        for row in table(path)
    }
    scores = {answer["score"] for answer in answers}
    assert min(scores) <= 4
    assert max(scores) == 10
    persons = [answer["person_properties"] for answer in answers]
    assert {(p["survey"], p["account_id"], p["user_id"]) for p in persons} <= invited


# the mapping


def test_the_shipped_mapping_names_only_files_and_columns_that_exist(company: Path) -> None:
    mapping = yaml.safe_load(MAPPING.read_text(encoding="utf-8"))
    columns = {}
    for name, source in mapping["sources"].items():
        path = files(company, source["path"])[-1]
        if path.suffix == ".jsonl":
            columns[name] = set(json.loads(path.read_text(encoding="utf-8").splitlines()[0]))
        elif path.suffix == ".json":
            columns[name] = set(json.loads(path.read_text(encoding="utf-8"))[0])
        else:
            columns[name] = set(table(path, source.get("delimiter", ","), source.get("encoding", "utf-8"))[0])
    for feeds in mapping["tables"].values():
        for feed in feeds:
            for target, spec in feed["columns"].items():
                named = [spec] if isinstance(spec, str) else [spec["column"]] if "column" in spec else []
                named += list(spec["match"]) if isinstance(spec, dict) and "match" in spec else []
                assert set(named) <= columns[feed["from"]], (feed["from"], target)


def test_every_export_is_mapped(company: Path) -> None:
    mapping = yaml.safe_load((company / "sources.yml").read_text(encoding="utf-8"))
    mapped = {
        path for source in mapping["sources"].values() for path in (company / mapping["exports"]).glob(source["path"])
    }
    assert {path for path in (company / "exports").rglob("*") if path.is_file()} == mapped
