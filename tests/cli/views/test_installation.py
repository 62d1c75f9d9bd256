"""The facts of an installation, for a program and for people."""

import io

from rich.console import Console

from minirearec.data import card
from minirearec_cli.views import installation


def test_a_data_set_that_is_here_has_bytes(tmp_path):
    (tmp_path / "LastFM.txt").write_text("1 2 3 4\n")
    assert installation.dataset(card("lastfm"), tmp_path) == {
        "title": card("lastfm").title, "users": card("lastfm").users, "items": card("lastfm").items,
        "interactions": card("lastfm").interactions, "synthetic": False, "path": str(tmp_path / "LastFM.txt"),
        "bytes": 8, "state": "found, with a wrong sha256"}
    away = installation.dataset(card("toys"), tmp_path)
    assert (away["path"], away["bytes"], away["state"]) == (None, None, "not here; downloaded on first use")


def test_facts_are_shown(tmp_path):
    facts = installation.facts(tmp_path)
    console = Console(file=io.StringIO(), width=200)
    installation.show(console, facts)
    text = console.file.getvalue()
    version = facts["versions"]["python"]
    for part in (f"python {version}", f"PyTorch uses {facts['threads']}", facts["cache"], "beauty-sim"):
        assert part in text
