"""minirearec data fetch: every way a download ends, from a local server."""

import time
from dataclasses import replace

import pytest

from minirearec.data import card
from tests.cli.commands.data.conftest import BODY

OK, CUT, NOT_FOUND, WRONG = (200, BODY, None), (200, BODY[:70000], len(BODY)), (404, b"", None), (200, b"no", None)


@pytest.mark.parametrize("answers", [[[OK]], [[NOT_FOUND], [OK]], [[CUT, OK]], [[WRONG, WRONG], [OK]]],
                         ids=["at once", "404, then the mirror", "cut, then again", "wrong bytes, then the mirror"])
def test_fetch_succeeds(answers, shop, minirearec, tmp_path):
    shop(*answers)
    result = minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here")
    path = tmp_path / "here" / "Sports_and_Outdoors.txt"
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert f"Data folder: {tmp_path / 'here'}" in result.stderr and "downloading 268.9 kB" in result.stderr
    assert path.read_bytes() == BODY and [found.name for found in path.parent.iterdir()] == [path.name]
    again = minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here")
    assert (again.stdout, again.stderr) == (f"{path}\n", "")


def test_fetch_shows_the_cache(shop, minirearec, tmp_path):
    shop([OK])
    result = minirearec("data", "fetch", "sports")
    assert f"Data folder: {tmp_path / 'cache'}" in result.stderr
    assert minirearec("data", "fetch", "sports", "--quiet").stderr == ""


@pytest.mark.parametrize("answers, reason", [([[NOT_FOUND], [NOT_FOUND]], "HTTP 404"), ([[CUT]], "connection lost"),
                                             ([[WRONG]], "wrong bytes")])
def test_fetch_fails_and_nothing_has_the_final_name(answers, reason, shop, minirearec, refused, tmp_path):
    shop(*answers)
    refused(minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here"), reason, "By hand", "/0: ")
    assert not (tmp_path / "here" / card("sports").file.filename).exists()


def test_offline(shop, offer, closed_url, minirearec, refused, tmp_path):
    offer(replace(card("sports"), file=replace(card("sports").file, urls=(closed_url,))))
    refused(minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here"), "cannot connect", "By hand")


def test_a_slow_server_moves_the_bar(shop, server, minirearec, tmp_path, monkeypatch):
    """Progress arrives during the transfer, in the sizes that the server sends."""
    from minirearec_cli.views import downloads

    moves = []

    class Watched(downloads.DownloadBar):
        def update(self, count):
            moves.append((time.monotonic(), count))
            super().update(count)

    monkeypatch.setattr(downloads, "DownloadBar", Watched)
    shop([OK])
    server.pace = (65536, 0.05)
    began = time.monotonic()
    assert minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here").exit_code == 0
    moved = [moment - began for moment, _ in moves]
    assert sum(count for _, count in moves) >= len(BODY)
    assert len(moved) >= 4 and moved[-1] - moved[0] >= 0.1, "not all at the end"
