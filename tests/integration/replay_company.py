"""Nine characters over 28 days whose files arrive late, twice, corrected, reverted, or not at all.

Every file is a `Delivery`: the day it was received, its name, its text. What each character is for stands beside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

FIRST = dt.date(2026, 1, 20)
DAYS = 28
LAST = FIRST + dt.timedelta(days=DAYS - 1)
BACKLOG = 40

ACCOUNTS = {
    "acct_champion": 12,  # uses daily, a promoter who decides
    "acct_silent": 0,  # pays and never comes
    "acct_churned_and_back": 4,  # leaves at the month's end, returns ten days later
    "acct_renewed_late": 6,  # a yearly term whose renewal arrives three days after its end
    "acct_lapsed": 3,  # a monthly term that ends and is never renewed
    "acct_dollar": 5,  # pays in USD
    "acct_paused": 2,  # pauses and resumes
    "acct_new": 7,  # starts on the tenth day; its CRM says a week later that it was created on the eighth
    "acct_merged": 2,  # is merged into acct_champion on day 12, which is known a day later
}

SOURCES_YML = """
company: Replay
calendar: {timezone: Europe/Berlin, first_day: 2026-01-20}
reporting_currency: EUR
score_references: score_references.csv
sources:
  events:
    path: "**/events_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: daily
  lines:
    path: "**/lines_*.csv"
    delivery: snapshot
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: daily
  answers:
    path: "**/answers_*.csv"
    delivery: append
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
  contacts:
    path: "**/contacts_*.csv"
    delivery: snapshot
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: weekly
  accounts:
    path: "**/accounts_*.csv"
    delivery: snapshot
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: weekly
  merges:
    path: "**/merges_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
  discovery:
    path: "**/discovery_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
  decisions:
    path: "**/decisions_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
  facts:
    path: "**/facts_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
  rates:
    path: "**/rates_*.csv"
    delivery: slice
    slot: {from: file_name}
    known_on: {from: path, pattern: "received=([0-9-]{10})"}
    expected: on_demand
tables:
  usage.events:
    - from: events
      columns: {event_id: id, account_id: account, user_id: person, event_name: event, occurred_at: at}
  billing.subscription_items:
    - from: lines
      columns:
        subscription_id: id
        account_id: account
        status: status
        status_since: since
        starts_at: starts
        ends_at: ends
        quantity: seats
        seats: seats
        unit_amount: price
        currency: currency
        interval: interval
        interval_count: {constant: 1}
  nps.responses:
    - from: answers
      columns: {response_id: id, account_id: account, user_id: person, score: score, responded_at: at}
  crm.contacts:
    - from: contacts
      columns: {account_id: account, user_id: person, buying_role: role}
  crm.accounts:
    - from: accounts
      columns: {account_id: account, name: name, created_at: created}
  crm.account_merges:
    - from: merges
      columns: {from_account_id: from, into_account_id: into, merged_on: "on"}
  crm.answers:
    - from: discovery
      columns: {account_id: account, question: question, rating: rating, answered_on: "on"}
  crm.overrides:
    - from: decisions
      columns:
        account_id: account
        axis: axis
        decision: decision
        segment: segment
        reason: {constant: seen}
        author: {constant: kim}
        set_on: set
        expires_on: expires
  crm.attributes:
    - from: facts
      columns: {account_id: account, attribute: attribute, value: value, valid_from: "from"}
  finance.fx_rates:
    - from: rates
      columns: {date: date, currency: currency, rate: rate}
"""

SCORE_REFERENCES = """scoring_version,reference,reference_group,value,n,from_on,to_on
v1,person_raw_p95,all,60000000,100,2026-01-01,2026-01-19
v1,depth_p95,all,3000000,100,2026-01-01,2026-01-19
v1,mrr_p90,all,500000,100,2026-01-01,2026-01-19
v1,arr_p75,all,3000000,100,2026-01-01,2026-01-19
v1,arr_p80,all,4000000,100,2026-01-01,2026-01-19
v1,mrr_median,all,100000,100,2026-01-01,2026-01-19
"""


@dataclass(frozen=True)
class Delivery:
    """One file as it was received."""

    received: dt.date
    name: str
    text: str

    @property
    def path(self) -> str:
        """Path below the exports folder."""
        return f"received={self.received}/{self.name}"


def day(number: int) -> dt.date:
    """Day `number` of the replay; day 1 is the first, day 0 and below lie before it."""
    return FIRST + dt.timedelta(days=number - 1)


def _events(on: dt.date, keep: float = 1.0) -> str:
    lines = ["id,account,person,event,at"]
    for account, people in ACCOUNTS.items():
        if account == "acct_new" and on < day(10):
            continue
        for person in range(people):
            if (on.toordinal() + person) % 3 == 0 and account != "acct_champion":
                continue
            for n in range(1 + (on.toordinal() * 7 + person) % 3):
                lines.append(f"{account}-{on}-{person}-{n},{account},u{person},edit,{on}T{8 + n:02d}:15:00+01:00")
    return "\n".join(lines[: 1 + int((len(lines) - 1) * keep)]) + "\n"


def _lines(on: dt.date) -> str:
    """The billing system's whole table as it shows it on a day."""
    rows = [
        "s1,acct_champion,active,,2025-03-01,,12,4900,EUR,month",
        "s2,acct_silent,active,,2025-06-01,,5,2000,EUR,month",
        "s6,acct_dollar,active,,2025-09-01,,5,3000,USD,month",
        "s9,acct_merged,active,,2025-07-01,,2,1500,EUR,month",
    ]
    ended = "2026-02-01" if on >= day(10) else ""
    rows.append(f"s3,acct_churned_and_back,{'canceled' if ended else 'active'},,2025-05-01,{ended},4,2500,EUR,month")
    if on >= day(23):
        rows.append("s3b,acct_churned_and_back,active,,2026-02-11,,6,2500,EUR,month")
    rows.append("s4,acct_renewed_late,active,,2025-02-01,2026-02-01,6,120000,EUR,year")
    if on >= day(16):  # the term ended on day 13; the renewal is known three days later
        rows.append("s4b,acct_renewed_late,active,,2026-02-01,2027-02-01,7,120000,EUR,year")
    rows.append("s5,acct_lapsed,active,,2025-12-25,2026-01-25,3,3000,EUR,month")
    status, since = ("paused", "2026-01-26") if day(7) <= on < day(18) else ("active", "")
    since = "2026-02-06" if on >= day(18) else since
    rows.append(f"s7,acct_paused,{status},{since},2025-08-01,,2,5000,EUR,month")
    if on >= day(10):
        rows.append("s8,acct_new,active,,2026-01-29,,7,4000,EUR,month")
    if on in UNREADABLE_PRICE:
        rows[0] = rows[0].replace("4900", "n/a")
    if on == UNREADABLE_LINE:
        rows[2] += ",x"
    return "id,account,status,since,starts,ends,seats,price,currency,interval\n" + "\n".join(rows) + "\n"


def _contacts(on: dt.date) -> str:
    rows = ["acct_champion,u0,decision_maker", "acct_champion,u1,influencer", "acct_silent,u9,decision_maker"]
    if on >= day(15):
        rows.append("acct_dollar,u0,decision_maker")
    return "account,person,role\n" + "\n".join(rows) + "\n"


def _accounts(on: dt.date) -> str:
    """The CRM's accounts; on day 22 it says of one that it was created earlier than it said before."""
    created = {account: "2025-06-01" for account in ACCOUNTS if account != "acct_new" or on >= day(15)}
    created |= {"acct_new": str(day(8))} if "acct_new" in created else {}
    created["acct_lapsed"] = "2025-11-01" if on >= day(22) else "2025-12-20"
    return "account,name,created\n" + "".join(f"{account},{account[5:]},{on}\n" for account, on in created.items())


def _rates(on: dt.date) -> str:
    return f"date,currency,rate\n{on},USD,0.9{on.day % 10}\n"


UNREADABLE_PRICE = (day(14), day(15))
"""Slots of billing snapshots in which the champion's price cannot be read; its line goes on as it was."""
UNREADABLE_LINE = day(27)
"""Slot of a billing snapshot in which the line of who pays in USD has too many values; it goes on as it was."""
LATE_LINES = {day(12): 2}
"""Slot of a billing snapshot to the days it arrives late; nothing in it is new."""
LATE = {day(4): 1, day(8): 3, day(11): 5, day(-7): 30}
"""Slot of a usage file to the days it arrives late; the last lies before the first day."""
GAP = day(20)
"""A usage file that never arrives."""


def deliveries() -> list[Delivery]:
    """Every file, in the order received."""
    files: list[Delivery] = []
    for number in range(1 - BACKLOG, DAYS + 1):
        on = day(number)
        received = max(on, FIRST) + dt.timedelta(days=0)
        if on != GAP:
            arrives = on + dt.timedelta(days=LATE[on]) if on in LATE else received
            files.append(Delivery(arrives, f"events_{on}.csv", _events(on)))
        if number >= -2:
            known = on + dt.timedelta(days=LATE_LINES[on]) if on in LATE_LINES else received
            files.append(Delivery(known, f"lines_{on}.csv", _lines(on)))
        if number % 7 == 1:
            files.append(Delivery(received, f"contacts_{on}.csv", _contacts(on)))
            files.append(Delivery(received, f"accounts_{on}.csv", _accounts(on)))
        if on.weekday() < 5:
            files.append(Delivery(received, f"rates_{on}.csv", _rates(on)))
    # corrected with other rows, then with fewer than before
    files.append(Delivery(day(7), f"events_{day(5)}.csv", _events(day(5)).replace(",edit,", ",share,")))
    files.append(Delivery(day(12), f"events_{day(9)}.csv", _events(day(9), keep=0.4)))
    # delivered a second time, unchanged
    files.append(Delivery(day(14), f"events_{day(13)}.csv", _events(day(13))))
    # corrected by mistake, and put back
    files.append(Delivery(day(17), f"events_{day(15)}.csv", _events(day(15), keep=0.2)))
    files.append(Delivery(day(19), f"events_{day(15)}.csv", _events(day(15))))
    # a billing snapshot corrected after the fact
    files.append(Delivery(day(24), f"lines_{day(22)}.csv", _lines(day(22)).replace(",12,4900,", ",14,4900,")))
    # ratings of the second day, known on the eighth; one of them is taken back on the twentieth
    pillars = ("use_case_fit", "sponsor_fit", "resource_fit", "culture_fit")
    ratings = "".join(f"acct_champion,{pillar},3,{day(2)}\n" for pillar in pillars)
    poor = f"acct_silent,sponsor_fit,1,{day(2)}\n"
    files.append(Delivery(day(8), f"discovery_{day(8)}.csv", "account,question,rating,on\n" + ratings + poor))
    worse = f"acct_champion,culture_fit,1,{day(19)}\n"
    files.append(Delivery(day(20), f"discovery_{day(20)}.csv", "account,question,rating,on\n" + worse))
    # decided on the fifth day and known on the ninth, it ends on the eighteenth; another is decided anew on the twelfth
    decided = (
        f"acct_champion,fit,override,not_a_fit,{day(5)},{day(18)}\nacct_silent,playbook,confirm,,{day(5)},{day(60)}\n"
    )
    anew = f"acct_silent,playbook,override,invest,{day(12)},{day(60)}\n"
    for received, rows in ((day(9), decided), (day(12), anew)):
        files.append(
            Delivery(received, f"decisions_{received}.csv", "account,axis,decision,segment,set,expires\n" + rows)
        )
    # a fact of the third day, known on the tenth, another that holds from the sixteenth on, and what corrects the former
    for received, facts in (
        (day(10), f"acct_champion,size_band,large,{day(3)}\nacct_silent,customer_type,B2B,{day(16)}\n"),
        (day(21), f"acct_champion,size_band,small,{day(3)}\nacct_dollar,lead_source,Referral,\n"),
    ):
        files.append(Delivery(received, f"facts_{received}.csv", "account,attribute,value,from\n" + facts))
    merge = f"from,into,on\nacct_merged,acct_champion,{day(12)}\n"
    files.append(Delivery(day(13), f"merges_{day(13)}.csv", merge))
    answers = "id,account,person,score,at\n"
    first_answer = f"r1,acct_champion,u0,10,{day(3)}T10:00:00+01:00\n"
    files.append(Delivery(day(3), f"answers_{day(3)}.csv", answers + first_answer))
    late_answer = f"r2,acct_dollar,u0,3,{day(6)}T10:00:00+01:00\nr3,acct_new,u2,8,{day(12)}T10:00:00+01:00\n"
    files.append(Delivery(day(13), f"answers_{day(13)}.csv", answers + late_answer))
    return sorted((f for f in files if f.received <= LAST), key=lambda f: (f.received, f.name))


def write(folder: Path, files: list[Delivery]) -> None:
    """Put files into the exports folder."""
    for file in files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text, encoding="utf-8")


def write_settings(folder: Path) -> Path:
    """Write `sources.yml` and the frozen references; returns the path of the former."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "score_references.csv").write_text(SCORE_REFERENCES, encoding="utf-8")
    (folder / "sources.yml").write_text(SOURCES_YML, encoding="utf-8")
    return folder / "sources.yml"
