"""A small table, its import, and a local server that sells a data set."""

import hashlib
from dataclasses import replace

import pytest

from minirearec.data import card
from minirearec.data.catalogue import download, loading

REAL_DOWNLOAD = download.download

BODY = b"".join(b"%d 5 6 7 8\n" % user for user in range(1, 20001))
CSV = "user_id,item_id,rating,timestamp,title\n" + "".join(
    f"u{user},i{(user + place) % 6},{3 + (user + place) % 3},{100 * place + user},Item {(user + place) % 6}\n"
    for user in range(12) for place in range(8))


@pytest.fixture
def ratings(tmp_path):
    """Write a table of 12 users and 6 items."""
    path = tmp_path / "ratings.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def imported(ratings, minirearec):
    """Import the table as a data set."""
    assert minirearec("data", "import", ratings, "--out", ratings.parent / "mine").exit_code == 0
    return ratings.parent / "mine"


@pytest.fixture
def shop(monkeypatch, server, offer):
    """Offer Sports from a local server; each test sets the answers."""
    monkeypatch.setattr(loading, "download", REAL_DOWNLOAD)
    monkeypatch.setattr(download, "RETRY_SECONDS", 0)

    def sell(*answers):
        urls = tuple(server.url(f"/{number}", *answer) for number, answer in enumerate(answers))
        file = replace(card("sports").file, urls=urls, sha256=hashlib.sha256(BODY).hexdigest())
        offer(replace(card("sports"), file=file))

    return sell
