"""An optional table lights up its part on the day on which it is connected, and what it says of the past is dated then.

Eight hand-made accounts begin with usage, billing and answers alone. On the fifth day the CRM is connected (ratings,
touchpoints, contacts), on the sixth the event catalogue; every day is published.
"""

from __future__ import annotations

import datetime as dt

import pytest
import yaml

from dagster_project.publication import as_published_file
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import ACCOUNTS, SCORE_REFERENCES, SOURCES_YML, Delivery, day, deliveries, write

pytestmark = [pytest.mark.integration, pytest.mark.long]

REQUIRED = {"usage.events": "events", "billing.subscription_items": "lines", "nps.responses": "answers"}
DAYS = [day(number) for number in range(1, 7)]
CRM_CONNECTED, CATALOGUED = DAYS[4:]
CRM = {"crm.answers": "discovery", "crm.touchpoints": "touches", "crm.contacts": "contacts"}
AXES = ("avatar", "advocacy", "fit", "touch", "playbook", "lifecycle")
TOUCHES = {
    "path": "**/touches_*.csv",
    "delivery": "append",
    "slot": {"from": "file_name"},
    "known_on": {"from": "path", "pattern": "received=([0-9-]{10})"},
    "expected": "on_demand",
}
TOUCHPOINTS = {
    "from": "touches",
    "columns": {
        "touchpoint_id": "id",
        "account_id": "account",
        "user_id": "person",
        "kind": "kind",
        "occurred_at": "at",
    },
}
ACCOUNTS_THEN = ACCOUNTS.keys() - {"acct_new"}
NO_BREADTH = "breadth of use is unknown: an event catalogue that marks core features would tell"
PILLARS = ("use_case_fit", "sponsor_fit", "resource_fit", "culture_fit")


def settings(connected: dict[str, str], has_catalogue: bool) -> str:
    """The replay company's settings, cut down to what is connected."""
    whole = yaml.safe_load(SOURCES_YML)
    whole["sources"]["touches"] = TOUCHES
    whole["tables"]["crm.touchpoints"] = [TOUCHPOINTS]
    whole["sources"] = {name: whole["sources"][name] for name in connected.values()}
    whole["tables"] = {table: whole["tables"][table] for table in connected}
    if has_catalogue:
        whole["event_catalogue"] = "event_catalogue.csv"
    return yaml.safe_dump(whole, sort_keys=False)


def files() -> list[Delivery]:
    """Of the replay company what is required, on time, in one currency; beside it the optional files, on their day."""
    required: dict[str, Delivery] = {}
    for file in deliveries():
        kind, slot = file.name.removesuffix(".csv").split("_")
        if kind in REQUIRED.values() and file.name not in required:
            on_time = max(dt.date.fromisoformat(slot), DAYS[0])
            required[file.name] = Delivery(on_time, file.name, file.text.replace("USD", "EUR"))
    # rated two days before the table is connected, and on that day
    ratings = [f"acct_champion,{pillar},3,{day(3)}" for pillar in PILLARS] + [
        f"acct_silent,sponsor_fit,1,{CRM_CONNECTED}"
    ]
    # complained three days before the table is connected, and on that day
    touches = [
        f"t1,acct_silent,u9,complaint,{day(2)}T10:00:00+01:00",
        f"t2,acct_dollar,u0,complaint,{CRM_CONNECTED}T10:00:00+01:00",
    ]
    roles = ["acct_champion,u0,decision_maker", "acct_champion,u1,influencer"]
    return [
        *required.values(),
        Delivery(
            CRM_CONNECTED, f"discovery_{CRM_CONNECTED}.csv", "\n".join(["account,question,rating,on", *ratings, ""])
        ),
        Delivery(CRM_CONNECTED, f"touches_{CRM_CONNECTED}.csv", "\n".join(["id,account,person,kind,at", *touches, ""])),
        Delivery(CRM_CONNECTED, f"contacts_{CRM_CONNECTED}.csv", "\n".join(["account,person,role", *roles, ""])),
    ]


@pytest.fixture(scope="module")
def lit(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Refreshed on each of six days; on each of the last two something more is connected."""
    folder = tmp_path_factory.mktemp("optional")
    (folder / "score_references.csv").write_text(SCORE_REFERENCES, encoding="utf-8")
    catalogue = "event_name,kind,is_value,is_core,plans\nedit,use,true,true,\n"
    (folder / "event_catalogue.csv").write_text(catalogue, encoding="utf-8")
    write(folder / "exports", files())
    pipeline = Pipeline(folder / "sources.yml", folder / "data", folder / "exports")
    connected = dict(REQUIRED)
    for on in DAYS:
        connected |= CRM if on == CRM_CONNECTED else {}
        pipeline.sources.write_text(settings(connected, has_catalogue=on >= CATALOGUED), encoding="utf-8")
        pipeline.refresh(on)
    return pipeline


def published(pipeline: Pipeline, on: dt.date, column: str) -> dict[str, str | None]:
    """A column of every account as first published for a day."""
    file = as_published_file(pipeline.home, on)
    return dict(pipeline.rows(f"select account_id, {column} from read_parquet('{file}')"))


def told(pipeline: Pipeline, on: dt.date) -> dict[str, dict[str, str | None]]:
    """By axis the class of each account of which another one was published for the day before."""
    changes: dict[str, dict[str, str | None]] = {}
    for axis in AXES:
        before = published(pipeline, on - dt.timedelta(days=1), f"{axis}_class")
        now = published(pipeline, on, f"{axis}_class")
        changes[axis] = {account: value for account, value in now.items() if value != before[account]}
    return {axis: accounts for axis, accounts in changes.items() if accounts}


@pytest.mark.parametrize(
    ("until", "column", "names"),
    [
        (CRM_CONNECTED, "fit_unknown_because", "crm.answers is not connected"),
        (CRM_CONNECTED, "advocacy_unknown_because", "no answer in 210 days; crm.touchpoints is not connected"),
        (CRM_CONNECTED, "role_coverage_unknown_reason", "crm.contacts is not connected"),
        (CATALOGUED, "lifecycle_unknown_because", NO_BREADTH),
    ],
)
def test_until_it_is_connected_what_is_unknown_names_what_is_missing(
    lit: Pipeline, until: dt.date, column: str, names: str
) -> None:
    """All eight accounts; but the champion has answered on the third day, and is heard since."""
    for on in DAYS[: DAYS.index(until)]:
        reasons = published(lit, on, column)
        expected = dict.fromkeys(ACCOUNTS_THEN, names)
        if column == "advocacy_unknown_because" and on >= day(3):
            expected |= {"acct_champion": None}
        assert reasons == expected


def test_what_can_be_known_without_it_is_known(lit: Pipeline) -> None:
    for axis in ("avatar", "touch", "playbook"):
        assert None not in published(lit, DAYS[0], f"{axis}_class").values()


def test_on_its_day_it_lights_up_its_axis_and_changes_no_other(lit: Pipeline) -> None:
    """Fit: four ratings of 3, one of 1, none. Advocacy: two complaints. Lifecycle: one core feature, used by all but
    one who pays and never comes; nobody is mature, since use of 180 days ago is not known.
    """
    unrated = dict.fromkeys(ACCOUNTS_THEN, "unassessed")
    assert told(lit, CRM_CONNECTED) == {
        "fit": unrated | {"acct_champion": "right_fit", "acct_silent": "not_a_fit"},
        "advocacy": dict.fromkeys(("acct_silent", "acct_dollar"), "actively_dissatisfied"),
    }
    assert told(lit, CATALOGUED) == {"lifecycle": dict.fromkeys(ACCOUNTS_THEN, "growth") | {"acct_silent": "adoption"}}


def test_with_contacts_the_decision_maker_speaks(lit: Pipeline) -> None:
    assert published(lit, day(4), "advocacy_deciding_role")["acct_champion"] == "user"
    assert published(lit, CRM_CONNECTED, "advocacy_deciding_role")["acct_champion"] == "decision_maker"


def test_what_it_says_is_dated_when_it_was_said_and_being_connected_is_no_change(lit: Pipeline) -> None:
    """A setting holds for all days: what it lights up has its class from the first day on, or from that of the fact."""
    rows = lit.rows(
        "select as_of_on, account_id, axis, from_class, to_class, cause from marts.segment_changes "
        "where axis in ('fit', 'advocacy', 'lifecycle') order by all"
    )
    assert rows == [
        (day(2), "acct_silent", "advocacy", None, "actively_dissatisfied", "customer"),
        (day(3), "acct_champion", "advocacy", None, "loyal", "customer"),
        (day(3), "acct_champion", "fit", "unassessed", "right_fit", "customer"),
        (CRM_CONNECTED, "acct_dollar", "advocacy", None, "actively_dissatisfied", "customer"),
        (CRM_CONNECTED, "acct_silent", "fit", "unassessed", "not_a_fit", "customer"),
    ]
    others = lit.rows(
        "select as_of_on, account_id, axis from marts.segment_changes "
        f"where axis not in ('fit', 'advocacy', 'lifecycle') and as_of_on >= date '{CRM_CONNECTED}'"
    )
    assert others == []


def test_what_was_published_without_it_is_restated_as_configuration(lit: Pipeline) -> None:
    """Fit: 8 accounts on 4 days. Advocacy: a complaint of the second day on 3 days. Lifecycle: 8 accounts on 5 days."""
    rows = lit.rows(
        "select field, cause, count(*), min(as_of_on), max(as_of_on), count(was_value) from marts.restatements "
        "where field like '%\\_class' escape '\\' and field not like '%raw%' group by all order by all"
    )
    assert rows == [
        ("advocacy_class", "configuration", 3, day(2), day(4), 0),
        ("fit_class", "configuration", 8 * 4, day(1), day(4), 0),
        ("lifecycle_class", "configuration", 8 * 5, day(1), day(5), 0),
    ]
