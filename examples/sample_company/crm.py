"""The sales team's records: accounts, contacts, activities, discovery answers, deals, goals, merges, overrides.

Everything is exported as a CRM does it: full CSV snapshots of objects, JSON lines of activities.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np

from examples.sample_company.archetypes import COUNTRIES, Accounts
from examples.sample_company.deliveries import Exports, csv_text
from examples.sample_company.people import ROLES, USER, People
from examples.sample_company.subscriptions import EXPONENT, Billing, seat_price
from examples.sample_company.world import World

ACCOUNT_HEADER = (
    "Id", "External_Id__c", "Name", "Industry", "Region__c", "BillingCountryCode", "Timezone__c", "Language__c",
    "Customer_Type__c", "NumberOfEmployees", "Potential_Seats__c", "Business_Model__c", "Life_Stage__c",
    "Parent_External_Id__c", "CreatedDate", "Is_Internal__c", "LeadSource", "CSM__c", "Owner", "Touch_Preference__c",
    "Usage_Cadence__c", "Sales_Segment__c", "Vertical__c",
)  # fmt: skip
CONTACT_HEADER = (
    "Id", "Account_External_Id__c", "Product_User_Id__c", "Buying_Role__c", "Title", "Email", "IsActive",
    "Left_On__c", "Champion__c",
)  # fmt: skip
FAMILY_NAMES = (
    "Müller",
    "Schröder",
    "Groß",
    "Jäger",
    "Bäcker",
    "Köhler",
    "Lefèvre",
    "Smith",
    "Baker",
    "Tanaka",
    "Øst",
)
TRADES = (
    "Logistik",
    "Maschinenbau",
    "Software",
    "Foods",
    "Energie",
    "Health",
    "Textil",
    "Media",
    "Büro",
    "Labs",
)
LEGAL_FORM = {"DE": "GmbH", "AT": "GmbH & Co. KG", "FR": "SARL", "GB": "Ltd", "US": "Inc.", "JP": "株式会社"}
INDUSTRIES = (
    "Manufacturing",
    "Logistics",
    "Software",
    "Retail",
    "Healthcare",
    "Public Sector",
    "Media",
    "Finance",
)
CUSTOMER_TYPES = (("B2B", 0.6), ("B2B2C", 0.15), ("B2C", 0.15), ("G2B", 0.04), ("G2C", 0.04), ("G2G", 0.02))
LEAD_SOURCES = ("Inbound", "Outbound", "Partner", "Event", "Referral")
OWNERS = ("Anna Weiß", "Björn Krüger", "Chloé Martin", "Dev Patel", "Emma Clarke", "Fumiko Sato")
FIT_PILLARS = ("use_case_fit", "sponsor_fit", "resource_fit", "culture_fit")  # the rated discovery questions
OPEN_QUESTIONS = ("goals_and_values", "challenges", "objections")
LED = ("qbr", "complaint", "reference", "referral", "review", "testimonial")  # mostly by who decides
CONTENT = tuple(f"guide-{number:02d}" for number in range(1, 13))


def export_crm(world: World, accounts: Accounts, billing: Billing, people: People, exports: Exports) -> None:
    _export_accounts(world, accounts, exports)
    _export_contacts(world, accounts, people, exports)
    _export_activities(world, accounts, billing, people, exports)
    _export_answers(world, accounts, people, exports)
    _export_opportunities(world, accounts, billing, exports)
    _export_goals(world, accounts, exports)
    _export_decisions(world, accounts, exports)


def _export_accounts(world: World, accounts: Accounts, exports: Exports) -> None:
    rng = world.stream("crm accounts")
    n = len(accounts)
    pick = rng.integers(0, 1_000_000, (n, 8))
    types = rng.choice(len(CUSTOMER_TYPES), n, p=[share for _, share in CUSTOMER_TYPES])
    ratio = rng.uniform(1.5, 12, n)
    no_employees = rng.random(n) < 0.05
    internal = {accounts.character["internal"]}
    if n > 100:
        internal.add(n - 1)
    rows: list[tuple[list[str], int]] = []
    for account in range(n):
        country, _, region, zone, language, _ = COUNTRIES[int(accounts.country[account])]
        draw = [int(value) for value in pick[account]]
        name = f"{FAMILY_NAMES[draw[0] % 11]} {TRADES[draw[1] % 10]} {LEGAL_FORM[country]}"
        parent = int(accounts.parent[account])
        seats = int(accounts.seats[account])
        segment = "enterprise" if seats >= 80 else "mid-market" if seats >= 20 else "smb"
        created = int(accounts.start_day[account]) - 20 - draw[6] % 60
        cadence = _declared_cadence(accounts.archetype[account], account)
        rows.append(([
            f"0015g{account:010d}AAA", accounts.ids[account], name, INDUSTRIES[draw[2] % 8], region, country, zone,
            language, CUSTOMER_TYPES[int(types[account])][0],
            "n/a" if no_employees[account] else str(int(accounts.potential_seats[account] * ratio[account])),
            str(int(accounts.potential_seats[account])), ("subscription", "transactional", "project")[draw[3] % 3],
            ("startup", "growth", "established")[draw[4] % 3], accounts.ids[parent] if parent >= 0 else "",
            datetime.fromtimestamp(world.midnight(created) + 36_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "true" if account in internal else "false", LEAD_SOURCES[draw[7] % 5], OWNERS[draw[0] % 6],
            OWNERS[draw[1] % 6], ("", "", "high", "low")[draw[2] % 4], cadence, segment, TRADES[draw[1] % 10],
        ], created))  # fmt: skip
    for account in sorted(internal):
        exports.plant("internal_account", "crm.accounts", None, accounts.ids[account], "is_internal is true")
    handover = world.at_fraction(0.45)
    for slot in world.crm_slots():
        shown = []
        for account, (row, created) in enumerate(rows):
            if created <= slot:
                hands_over = account % 25 == 3 and slot >= handover
                owner = OWNERS[(OWNERS.index(row[17]) + hands_over) % 6]
                shown.append((*row[:17], owner, *row[18:]))
        exports.write("crm", slot, f"Account_{world.on(slot)}.csv", csv_text(ACCOUNT_HEADER, shown))


def _declared_cadence(archetype: str, account: int) -> str:
    """The rhythm that the sales team knows of: most seasons, and the sleepers that come weekly."""
    if archetype == "seasonal" and account % 5:
        return "seasonal"
    return "weekly" if archetype == "sleeper" and account % 6 == 0 else ""


def _export_contacts(world: World, accounts: Accounts, people: People, exports: Exports) -> None:
    titles = {
        "decision_maker": ("Geschäftsführerin", "VP Operations", "CFO", "Head of IT"),
        "influencer": ("Projektleiter", "Team Lead", "IT-Architektin"),
        "user": ("Sachbearbeiter", "Analyst", "Coordinator"),
    }
    contacts = np.flatnonzero(people.is_contact)
    bad_slot = world.crm_slots()[len(world.crm_slots()) // 2]
    left = world.at_fraction(0.6)
    if left < world.days:
        account_id = accounts.id_of("champion_left")
        exports.plant("contact_left", "crm.contacts", left, account_id, "decision maker and champion u1 leaves")
    for slot in world.crm_slots():
        rows = []
        for person in contacts:
            who = int(person)
            account = int(people.account[who])
            if people.joins[who] > slot or accounts.start_day[account] > slot:
                continue
            role = ROLES[int(people.role[who])]
            has_left = bool(people.leaves[who] <= slot)
            rows.append((
                f"0035g{who:010d}AAA", accounts.ids[account], people.user_id(who), role.replace("_", " ").title(),
                titles[role][who % len(titles[role])],
                f"{people.user_id(who)}@{accounts.ids[account].replace('_', '-')}.example",
                "false" if has_left else "true", str(world.on(int(people.leaves[who]))) if has_left else "",
                "true" if people.is_champion[who] else "false",
            ))  # fmt: skip
        if slot == bad_slot:
            account_id = accounts.id_of("merged_into")
            exports.plant("bad_unknown_role", "crm.contacts", slot, account_id, "buying role Gatekeeper does not exist")
            rows.append(("0035gBAD", account_id, "u999", "Gatekeeper", "", "", "true", "", "false"))
        exports.write("crm", slot, f"Contact_{world.on(slot)}.csv", csv_text(CONTACT_HEADER, rows))


def _export_activities(world: World, accounts: Accounts, billing: Billing, people: People, exports: Exports) -> None:
    """Interactions of each kind at a rate per account and month that satisfaction and size set."""
    rng = world.stream("activities")
    first_day, n = -60, len(accounts)
    # who decides speaks for the account
    mood, size = people.satisfaction[people.number == 1], np.clip(np.log2(accounts.seats + 1) / 4, 0.2, 2)
    happy, angry = np.maximum(mood - 0.72, 0), np.maximum(-mood - 0.65, 0)
    monthly = {
        "meeting": 0.35 * size, "qbr": 0.12 * (accounts.seats >= 25), "email": 1.0 * size, "content": 0.7 * size,
        "sales_tool": 0.08 * size, "ticket": 0.5 * (1.3 - mood), "complaint": 0.01 + 5 * angry,
        "reference": 0.004 + 3 * happy, "referral": 0.004 + 3 * happy, "review": 0.1 * (happy + angry),
        "testimonial": 0.002 + 1.5 * happy,
    }  # fmt: skip
    contacts = np.flatnonzero(people.is_contact)
    known = np.bincount(people.account[contacts], minlength=n)
    first = np.cumsum(known) - known
    slots = world.weekly_slots()
    by_slot: dict[int, list[tuple[int, str]]] = {slot: [] for slot in slots}
    months = (world.days - first_day) / 30
    number = 0
    for kind, rate in monthly.items():
        counts = rng.poisson(np.broadcast_to(rate, n) * months)
        account = np.repeat(np.arange(n), counts)
        day = rng.integers(first_day, world.days, len(account))
        weekday = np.array([world.on(d).weekday() for d in range(first_day, world.days)])[day - first_day]
        keep = billing.is_served(account, day, world.days) & (weekday < 5)
        account, day = account[keep], day[keep]
        second = rng.integers(8 * 3600, 18 * 3600, len(account))
        pick, prompt = rng.random(len(account)), rng.random(len(account))
        sentiment_noise = rng.normal(0, 0.5, len(account))
        feeling = mood[account] - 0.6 * billing.decline(account, day) + sentiment_noise
        for index in range(len(account)):
            a, d = int(account[index]), int(day[index])
            user = None
            if known[a]:
                who = int(contacts[first[a] + int(pick[index] * known[a])])
                if kind in LED and (people.role[who] == USER or pick[index] < 0.75):
                    who = int(contacts[first[a]])
                user = people.user_id(who) if people.joins[who] <= d < people.leaves[who] else None
            sentiment = 1 if feeling[index] > 0.45 else -1 if feeling[index] < -0.45 else 0
            if kind in ("reference", "referral", "testimonial"):
                sentiment = 1
            if kind == "complaint":
                sentiment = -1
            tenure = d - int(accounts.start_day[a])
            number += 1
            moment = world.midnight(d) + int(second[index])
            text = json.dumps({
                "id": f"act_{number:08d}", "type": kind,
                "account": {"external_id": accounts.ids[a]}, "contact": {"product_user_id": user},
                "when": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "channel": ("video", "phone", "e-mail", "on site")[int(pick[index] * 997) % 4],
                "purpose": "onboarding" if tenure < 60 else "check-in" if kind == "meeting" else None,
                "prompted": None if prompt[index] < 0.3 else bool(prompt[index] < 0.7),
                "sentiment": sentiment,
                "stage": "onboarding" if tenure < 60 else "use",
                "content_id": CONTENT[int(pick[index] * 991) % 12] if kind == "content" else None,
            })  # fmt: skip
            by_slot[slots[int(np.searchsorted(slots, max(d, 0)))]].append((moment, text))
    bad_slot = slots[int(0.4 * len(slots))]
    for slot, activities in by_slot.items():
        lines = [text for _, text in sorted(activities)]
        if slot == bad_slot:
            account_id = accounts.id_of("merged_into")
            exports.plant("bad_sentiment", "crm.touchpoints", slot, account_id, "sentiment 5")
            bad = {
                "id": "act_bad", "type": "email", "account": {"external_id": account_id}, "contact": {},
                "when": f"{world.on(slot)}T10:00:00Z", "sentiment": 5,
            }  # fmt: skip
            lines.append(json.dumps(bad))
        if lines:  # an empty file would look like a failed export
            exports.write("crm", slot, f"activities_{world.on(slot)}.jsonl", "\n".join(lines) + "\n")


def _export_answers(world: World, accounts: Accounts, people: People, exports: Exports) -> None:
    """Discovery answers: most accounts early on and about once a year, rated by latent fit with an interviewer's noise."""
    rng = world.stream("answers")
    header = ("account", "user", "question", "answer", "rating", "answered_on", "author")
    every_four_weeks = [slot for slot in world.weekly_slots() if slot % 28 == 6] or [world.last]
    by_slot: dict[int, list[tuple[str, ...]]] = {slot: [] for slot in every_four_weeks}
    for account, days in enumerate(accounts.rated_on):
        for day in days:
            slot = next((slot for slot in every_four_weeks if slot >= day), None)
            if slot is None:
                continue
            author = OWNERS[int(rng.integers(6))]
            for pillar in FIT_PILLARS:
                rating = int(np.clip(np.round(0.4 + 3 * accounts.fit[account] + rng.normal(0, 0.35)), 0, 3))
                row = (accounts.ids[account], "u1", pillar, "", str(rating), str(world.on(day)), author)
                by_slot[slot].append(row)
            question = OPEN_QUESTIONS[int(rng.integers(3))]
            by_slot[slot].append(
                (accounts.ids[account], "u1", question, "Weniger Handarbeit", "", str(world.on(day)), author)
            )
    for slot, rows in by_slot.items():
        exports.write("crm", slot, f"discovery_answers_{world.on(slot)}.csv", csv_text(header, rows))


def _export_opportunities(world: World, accounts: Accounts, billing: Billing, exports: Exports) -> None:
    rng = world.stream("opportunities")
    header = (
        "Id",
        "Account_External_Id__c",
        "CreatedDate",
        "CloseDate",
        "StageName",
        "Amount",
        "CurrencyIsoCode",
    )
    deals: list[tuple[int, int, int, bool]] = []  # account, opened, closed, won
    for account, contract in enumerate(billing.contracts):
        if contract.start >= 0:
            deals.append((account, contract.start - int(rng.integers(10, 60)), contract.start, True))
        deals += [
            (account, day - int(rng.integers(5, 40)), day, True)
            for day, kind in contract.changes
            if kind in ("upgrade", "seats_up") and day < world.days
        ]
        sizes = [int(accounts.seats[account]), *(seats for _, seats in contract.seat_steps)]
        deals += [
            (account, day - int(rng.integers(5, 40)), day, True)
            for (day, seats), before in zip(contract.seat_steps, sizes, strict=False)
            if seats > before
        ]
        if rng.random() < 0.12:
            opened = int(rng.integers(0, world.days))
            deals.append((account, opened, opened + int(rng.integers(15, 90)), False))
    for slot in world.crm_slots():
        rows = []
        for number, (account, opened, closed, is_won) in enumerate(deals):
            if opened > slot:
                continue
            stage = "Negotiation" if closed > slot else "Closed Won" if is_won else "Closed Lost"
            currency = billing.contracts[account].currency
            amount = 12 * seat_price("team", currency, "month", 1) * int(accounts.seats[account])
            exponent = EXPONENT[currency]
            rows.append((
                f"0065g{number:010d}AAA", accounts.ids[account], f"{world.on(opened)}T09:00:00.000Z",
                "" if closed > slot else f"{world.on(closed)}T09:00:00.000Z", stage,
                f"{amount / 10**exponent:.{exponent}f}", currency,
            ))  # fmt: skip
        exports.write("crm", slot, f"Opportunity_{world.on(slot)}.csv", csv_text(header, rows))


def _export_goals(world: World, accounts: Accounts, exports: Exports) -> None:
    rng = world.stream("goals")
    header = (
        "account",
        "goal",
        "metric",
        "target",
        "due_on",
        "accepted_on",
        "measured_value",
        "attained_on",
        "confirmed",
    )
    goals = []
    for account in range(len(accounts)):
        if rng.random() < 0.25:
            accepted = max(int(accounts.start_day[account]), int(rng.integers(-90, world.days)))
            days = int(rng.integers(30, 90))
            attained = accepted + days if rng.random() < 0.2 + 0.6 * accounts.fit[account] else None
            goals.append((account, accepted, accepted + days + 14, attained, round(float(rng.uniform(10, 50)), 1)))
    for slot in world.crm_slots()[::4]:
        rows = []
        for account, accepted, due, attained, target in goals:
            if accepted <= slot:
                is_attained = attained is not None and attained <= slot
                rows.append((
                    accounts.ids[account], "Save manual work", "hours_saved_per_month", str(target),
                    str(world.on(due)), str(world.on(accepted)), str(target) if is_attained else "",
                    str(world.on(attained)) if is_attained and attained is not None else "",
                    "yes" if is_attained and account % 2 else "no",
                ))  # fmt: skip
        exports.write("crm", slot, f"success_plans_{world.on(slot)}.csv", csv_text(header, rows))


def _export_decisions(world: World, accounts: Accounts, exports: Exports) -> None:
    """The merge of two accounts, and a few overrides of segments by people."""
    merged = world.merge_day()
    if merged < world.days:
        row = (accounts.id_of("merged_away"), accounts.id_of("merged_into"), str(world.on(merged)))
        header = ("losing_account", "surviving_account", "merged_on")
        exports.write("crm", merged, f"account_merges_{world.on(merged)}.csv", csv_text(header, [row]))
        exports.plant("account_merge", "crm.account_merges", merged, row[0], f"merged into {row[1]}")
    set_on = world.at_fraction(0.7)
    if set_on < world.days:
        until = str(world.on(set_on + 90))
        rows = [
            (accounts.id_of("champion_left"), "playbook", "override", "invest", "Champion left, expansion still open",
             OWNERS[0], str(world.on(set_on)), until),
            (accounts.id_of("metered"), "avatar", "confirm", "disruptor", "Seen in the quarterly review", OWNERS[2],
             str(world.on(set_on)), until),
        ]  # fmt: skip
        names = ("account", "axis", "decision", "segment", "reason", "author", "set_on", "expires_on")
        exports.write("crm", set_on, f"segment_overrides_{world.on(set_on)}.csv", csv_text(names, rows))
        exports.plant("override", "crm.overrides", set_on, rows[0][0], "playbook set to invest for 90 days")
