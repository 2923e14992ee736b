"""Which day should be published at which moment, and who hears of it when it is not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dagster_project.freshness import Freshness, alert, expected_day, freshness
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping
from tests.unit.published_company import FIRST, publish_days, write_sources


@pytest.fixture
def company(tmp_path: Path) -> Mapping:
    return read_mapping(write_sources(tmp_path / "settings"))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "due_hour", "expected"),
    [
        # 18:29 UTC is 23:59 in Kolkata: the 10th has not ended there
        ("2026-03-10T18:29", 0, dt.date(2026, 3, 9)),
        ("2026-03-10T18:30", 0, dt.date(2026, 3, 10)),
        # 00:29 UTC is 05:59 there: the refresh of the 10th is not due before six
        ("2026-03-11T00:29", 6, dt.date(2026, 3, 9)),
        ("2026-03-11T00:30", 6, dt.date(2026, 3, 10)),
    ],
)
def test_the_day_expected_is_the_last_that_ended_in_the_reporting_timezone_and_is_due(
    company: Mapping, now: str, due_hour: int, expected: dt.date
) -> None:
    assert expected_day(company, at(now), due_hour) == expected


def test_the_day_that_clocks_go_forward_ends_at_its_own_midnight(company: Mapping) -> None:
    berlin = dataclasses.replace(company, timezone="Europe/Berlin")
    # summer time starts on 2026-03-29 at 01:00 UTC; that day ends at 22:00 UTC, the day before at 23:00 UTC
    assert expected_day(berlin, at("2026-03-28T22:59")) == dt.date(2026, 3, 27)
    assert expected_day(berlin, at("2026-03-29T21:59")) == dt.date(2026, 3, 28)
    assert expected_day(berlin, at("2026-03-29T22:00")) == dt.date(2026, 3, 29)


def test_the_sample_company_is_expected_up_to_its_last_day(company: Mapping) -> None:
    sample = dataclasses.replace(company, sample={"accounts": 24, "days": 20, "seed": 1})
    assert expected_day(sample, at("2030-01-01T12:00")) == dt.date(2026, 3, 20)


def test_what_is_missing_starts_after_the_newest_published_day(company: Mapping, tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    now = at("2026-03-10T12:00")
    assert freshness(company, home, now) == Freshness(None, dt.date(2026, 3, 9))
    assert freshness(company, home, now).missing_from(FIRST) == FIRST
    publish_days(home, FIRST, dt.date(2026, 3, 5))
    assert freshness(company, home, now).missing_from(FIRST) == dt.date(2026, 3, 6)
    publish_days(home, FIRST, dt.date(2026, 3, 9))
    assert freshness(company, home, now).missing_from(FIRST) is None


class Webhook:
    """A loopback server that keeps what it is sent."""

    def __init__(self, status: int = 200) -> None:
        received: list[tuple[str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((self.headers["Content-Type"], body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.received = received
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?token=sesame"


def serving(webhook: Webhook) -> Iterator[Webhook]:
    thread = threading.Thread(target=webhook.server.serve_forever)
    thread.start()
    yield webhook
    webhook.server.shutdown()
    thread.join()
    webhook.server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    yield from serving(Webhook())


@pytest.fixture
def refusing_webhook() -> Iterator[Webhook]:
    yield from serving(Webhook(status=500))


def test_an_alert_is_delivered_as_text_to_the_webhook(webhook: Webhook) -> None:
    alert("tables are late", webhook.address)
    assert [(kind, json.loads(body)) for kind, body in webhook.received] == [
        ("application/json", {"text": "tables are late"})
    ]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_an_alert_that_cannot_be_delivered_is_logged_without_the_address_and_never_raises(
    free_port: int, refusing_webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    dead = f"http://127.0.0.1:{free_port}/sesame"
    no_address = ["http://127.0.0.1:1/ sesame", "http://[sesame", "ftp://127.0.0.1/sesame", "sesame", "http:///sesame"]
    for address in [dead, refusing_webhook.address, *no_address]:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            alert("tables are late", address)
        first, second = [record.getMessage() for record in caplog.records]
        assert first == "tables are late"
        assert second.startswith("the alert could not be delivered to the webhook: ")
        assert "sesame" not in second


def test_without_a_webhook_the_alert_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    alert("tables are late", "")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", "tables are late")]
