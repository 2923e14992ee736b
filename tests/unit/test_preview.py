"""`make check-sources` shows what the newest file of each feed becomes, and its exit code says whether all would load."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path

import pytest

from dagster_project.__main__ import main
from dagster_project.freshness import last_ended_day
from dagster_project.sources.preview import missing_slots, preview
from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source

HEADER = "id,account,event,at\n"
GOOD = "1,acct_champion,login,2026-03-04T10:00:00Z\n"


def shown(company: Intake, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and output of the preview."""
    code = preview(company.mapping)
    return code, capsys.readouterr().out


def test_a_good_feed_shows_its_rows_its_slots_and_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    company = Intake(tmp_path)
    for day in (1, 2, 4):
        company.write(f"events/2026-03-0{day}.csv", HEADER + GOOD)
    code, out = shown(company, capsys)
    assert code == 0
    for line in ("usage.events <- events (slice, daily)", "3 files by events", "missing slots: 1 (2026-03-03)",
                 "events/2026-03-04.csv: 1 row, 1 good", "acct_champion", "2026-03-04 10:00:00",
                 "1 of 1 feed would load, 1 contract table connected",
                 "required and not connected: billing.subscription_items, nps.responses; what"):  # fmt: skip
        assert line in out
    assert not company.home.path.exists()


def test_rejected_rows_are_counted_by_reason_and_do_not_fail_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-04.csv", HEADER + GOOD + "2,,login,2026-03-04\n3,a,e,never\n4,a,e,[bold]no[/bold]\n")
    code, out = shown(company, capsys)
    assert code == 0
    assert "4 rows, 1 good" in out
    assert "75% of it would be left out" in out
    assert "1 rejected, first line 3: account_id is required and empty" in out
    assert "2 rejected, first line 4: occurred_at: 'never' is not a time" in out


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("events/2026-03-04.csv", b"", "events/2026-03-04.csv: the file is empty (0 bytes)"),
        ("events/2026-03-04.csv", b"id,acount,event,at\n", "required column 'account' not found; did you mean 'acount'?"),
        ("events/2026-03-04.csv", (HEADER + "1,a,e,never\n" * 30).encode(), "30 of 30 rows rejected, so the delivery is blocked"),
        ("events/latest.csv", (HEADER + GOOD).encode(), "the file_name 'events/latest.csv' has no day by pattern"),
        ("other/2026-03-04.csv", b"x", "no file by"),
    ],
)  # fmt: skip
def test_a_feed_that_would_not_load_says_why_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, line: str
) -> None:
    company = Intake(tmp_path)
    company.write(name, content)
    code, out = shown(company, capsys)
    assert code == 1
    assert line in out
    assert "1 of 1 feed would not load: usage.events <- events" in out


def test_the_feeds_that_would_not_load_are_named_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = {"events": events_source(), "gone": events_source(path="gone"), "gone_too": events_source(path="too")}
    accounts = [{"from": name, "columns": {"account_id": "account"}} for name in ("events", "gone", "gone_too")]
    company = Intake(tmp_path, document(sources, {"crm.accounts": accounts}))
    company.write("events/2026-03-04.csv", HEADER + GOOD)
    code, out = shown(company, capsys)
    assert code == 1
    assert out.splitlines()[-1] == "2 of 3 feeds would not load: crm.accounts <- gone, crm.accounts <- gone_too"


def test_where_there_is_no_terminal_no_line_is_broken_and_no_row_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    pattern = r"(\d{4}-\d{2}-\d{2})_of_the_main_product"
    path = f"{'events_of_the_product/' * 3}*.csv"
    source = events_source(path=path, slot={"from": "file_name", "pattern": pattern})
    company = Intake(tmp_path, document({"events": source}))
    names = ["acct_champion_of_all", "acct_silent_for_long", "acct_churned_and_back"]
    rows = "".join(f"{n},{name},login,2026-03-04T10:00:00Z\n" for n, name in enumerate(names))
    company.write(path.replace("*", "2026-03-04_of_the_main_product"), HEADER + rows)
    company.write(path.replace("*", "2026-03-05"), HEADER + rows)
    code, out = shown(company, capsys)
    assert code == 0
    assert [line.split() for line in out.splitlines() if "acct_" in line] == [["account_id", *names]]
    assert f"  2 files by {path}, slots 2026-03-04 to 2026-03-04" in out.splitlines()
    assert f"has no day by pattern '{pattern}'" in out


def test_a_link_out_of_the_exports_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company = Intake(tmp_path)
    (tmp_path / "secret").write_text(HEADER + GOOD)
    (company.exports / "events").mkdir()
    (company.exports / "events" / "2026-03-04.csv").symlink_to(tmp_path / "secret")
    code, out = shown(company, capsys)
    assert code == 1
    assert "leads out of the exports folder" in out
    assert "acct_champion" not in out


def test_lookups_are_previewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lookup = {"lookup": "plans", "match": {"account": "s"}, "take": "customer"}
    tables = {"usage.events": [{"from": "events", "columns": EVENT_COLUMNS | {"account_id": lookup}}]}
    sources = {"events": events_source(), "plans": events_source(path="plans", delivery="snapshot")}
    company = Intake(tmp_path, document(sources, tables))
    company.write("events/2026-03-04.csv", HEADER + GOOD + GOOD.replace("champion", "nobody"))
    company.write("plans/2026-03-03.csv", "s,customer\nacct_champion,of_old\n")
    company.write("plans/2026-03-04.csv", "s,customer\nacct_champion,found\n")
    code, out = shown(company, capsys)
    assert code == 0
    assert "found" in out
    assert "1 rejected, first line 3: account_id has no match in the lookup plans for 'acct_nobody'" in out


def test_the_newest_file_is_the_one_that_would_count_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    revision = {"from": "file_name", "pattern": r"_v(\d+)"}
    company = Intake(tmp_path, document({"events": events_source(revision=revision)}))
    for number in (2, 9, 10):
        company.write(f"events/2026-03-04_v{number}.csv", HEADER + GOOD)
    assert "events/2026-03-04_v10.csv: 1 row, 1 good" in shown(company, capsys)[1]


def test_what_the_run_loads_as_of_its_receipt_would_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # noon of the last ended day of a company whose days end 14 hours before those of UTC
    described = document(
        {"events": events_source(path="log.csv", delivery="append", slot="received")}, timezone="Etc/GMT-14"
    )
    company = Intake(tmp_path, described)
    last = last_ended_day(company.mapping, dt.datetime.now(dt.UTC))
    noon = dt.datetime.combine(last, dt.time(12), zoneinfo.ZoneInfo("Etc/GMT-14"))
    company.write("log.csv", HEADER + f"1,acct_champion,login,{noon.isoformat()}\n")
    code, out = shown(company, capsys)
    assert (code, company.only(as_of=last).loaded) == (0, 1)
    assert "1 file by log.csv, slots by day of receipt\n" in out
    assert "log.csv: 1 row, 1 good" in out


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        ({"from": "column", "column": "day"}, "slots by row"),
        ("whole", "for all time"),
        ("received", "slots by day of receipt"),
    ],
)
def test_where_the_names_say_no_day_the_preview_says_who_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], slot: object, said: str
) -> None:
    company = Intake(tmp_path, document({"events": events_source(slot=slot)}))
    company.write("events/all.csv", "id,account,event,at,day\n1,a,login,2026-03-04T10:00:00Z,2026-03-04\n")
    code, out = shown(company, capsys)
    assert code == 0
    assert f"1 file by events, {said}\n" in out


def test_files_that_match_no_pattern_are_three_lines_and_a_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    company = Intake(tmp_path)
    for n in range(5):
        company.write(f"events/backup_{n}.csv", HEADER + GOOD)
    company.write("events/2026-03-04.csv", HEADER + GOOD)
    code, out = shown(company, capsys)
    assert code == 0
    assert out.count("has no day by pattern") == 3
    assert "  and 2 more\n" in out


def test_a_condition_that_leaves_out_every_row_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = {"from": "events", "columns": EVENT_COLUMNS, "where": "event = 'LOGIN'"}
    company = Intake(tmp_path, document(tables={"usage.events": [feed]}))
    company.write("events/2026-03-04.csv", HEADER + GOOD * 2)
    assert "the condition (where) leaves out all 2 rows" in shown(company, capsys)[1]
    company.write("events/2026-03-05.csv", HEADER)
    assert "the condition" not in shown(company, capsys)[1]
    company.write("events/2026-03-06.csv", HEADER + GOOD + GOOD.replace("login", "LOGIN"))
    assert "the condition" not in shown(company, capsys)[1]


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("", "no rate for CHF, USD in the newest file of finance.fx_rates"),
        ("2026-03-04,USD,0.9\n", "no rate for CHF in the newest file of finance.fx_rates"),
        ("2026-03-04,USD,0.9\n2026-03-04,CHF,1.1\n", None),
    ],
)
def test_a_currency_without_a_rate_is_said_before_a_run_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rates: str, said: str | None
) -> None:
    sources = {
        "bills": events_source(path="bills", delivery="append"),
        "rates": events_source(path="rates", expected="on_demand"),
    }
    columns = {
        "invoice_id": "id",
        "account_id": {"constant": "acct"},
        "issued_at": "at",
        "status": {"constant": "paid"},
    }
    tables = {
        "billing.invoices": [{"from": "bills", "columns": columns | {"amount": "amount", "currency": "currency"}}],
        "finance.fx_rates": [{"from": "rates", "columns": {name: name for name in ("date", "currency", "rate")}}],
    }
    company = Intake(tmp_path, document(sources, tables))
    bills = "".join(f"{currency},2026-03-04,100,{currency}\n" for currency in ("EUR", "USD", "CHF"))
    company.write("bills/2026-03-04.csv", "id,at,amount,currency\n" + bills)
    company.write("rates/2026-03-04.csv", "date,currency,rate\n" + rates)
    _, out = shown(company, capsys)
    assert (said in out) if said else ("no rate for" not in out)


def test_only_daily_feeds_have_missing_slots(tmp_path: Path) -> None:
    slots = {dt.date(2026, 3, 1), dt.date(2026, 3, 4), dt.date(9999, 12, 31)}
    daily = Intake(tmp_path).mapping.feeds[0]
    assert missing_slots(daily, slots) == [dt.date(2026, 3, 2), dt.date(2026, 3, 3)]
    assert (
        missing_slots(Intake(tmp_path, document({"events": events_source(expected="weekly")})).mapping.feeds[0], slots)
        == []
    )


def test_the_command_exits_with_2_when_the_mapping_itself_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = Intake(tmp_path, document({"events": events_source(delivery="slcie")}))
    monkeypatch.setattr("sys.argv", ["x", "--sources", str(company.folder / "sources.yml"), "check-sources"])
    for name in ("SOURCES", "EXPORTS", "DATA"):
        monkeypatch.setenv(f"CUSTOMER_SEGMENTS_{name}", "")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert main() == 2
    assert "sources.events.delivery: 'slcie' is none of append, slice, snapshot" in capsys.readouterr().err
