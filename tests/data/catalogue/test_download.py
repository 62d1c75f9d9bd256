"""Downloads from a local server: every way they end, and that no half file ever has the final name."""

import errno
import hashlib
import re
from dataclasses import replace

import pytest

from minirearec.data import card
from minirearec.data.catalogue import download as module
from minirearec.data.catalogue.download import download
from minirearec.errors import DataError, DownloadError

BODY = b"1 5 6 7\n2 6 7 8\n" * 20000  # several chunks
OK, NOT_FOUND, BUSY = (200, BODY, None), (404, b"no", None), (503, b"wait", None)
WRONG, CUT = (200, b"<html>log in</html>", None), (200, BODY[:100000], len(BODY))


class Progress:
    """Records what a download tells of its progress."""

    def __init__(self):
        self.total, self.done, self.calls = None, 0, []

    def update(self, amount):
        self.done += amount
        self.calls.append("update")

    def reset(self):
        self.done = 0
        self.calls.append("reset")

    def close(self):
        self.calls.append("close")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(module, "RETRY_SECONDS", 0)


def file_at(*urls):
    return replace(card("beauty").file, urls=urls, sha256=hashlib.sha256(BODY).hexdigest())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_success_with_progress(server, tmp_path):
    progress = Progress()
    path = download(file_at(server.url("/a", OK)), tmp_path / "new" / "folder", progress)
    assert path.read_bytes() == BODY
    assert names(path.parent) == ["Beauty.txt"]
    assert progress.total == progress.done == len(BODY)
    assert progress.calls.count("update") > 2 and progress.calls[-1] == "close"


def test_present_file_is_not_fetched_again(server, tmp_path):
    (tmp_path / "Beauty.txt").write_bytes(BODY)
    download(file_at(server.url("/a", OK)), tmp_path)
    assert server.requests == []


def test_present_file_with_wrong_bytes_is_left_alone(server, tmp_path):
    (tmp_path / "Beauty.txt").write_bytes(b"mine")
    with pytest.raises(DataError, match="Beauty.txt: wrong sha256: expected"):
        download(file_at(server.url("/a", OK)), tmp_path)
    assert (tmp_path / "Beauty.txt").read_bytes() == b"mine" and server.requests == []


@pytest.mark.parametrize("first, tries", [(NOT_FOUND, 1), (WRONG, 2), (CUT, 2), (BUSY, 2)])
def test_second_mirror_takes_over(server, tmp_path, first, tries):
    path = download(file_at(server.url("/a", first), server.url("/b", OK)), tmp_path)
    assert path.read_bytes() == BODY and names(tmp_path) == ["Beauty.txt"]
    assert server.requests == ["/a"] * tries + ["/b"]


@pytest.mark.parametrize("first", [CUT, WRONG, BUSY])
def test_one_address_is_tried_again(server, tmp_path, first):
    progress = Progress()
    path = download(file_at(server.url("/a", first, OK)), tmp_path, progress)
    assert path.read_bytes() == BODY and server.requests == ["/a", "/a"]
    assert progress.done == len(BODY)


def test_all_mirrors_failing_names_each_and_its_reason(server, closed_url, tmp_path):
    urls = [server.url("/a", NOT_FOUND), server.url("/b", WRONG), server.url("/c", CUT), closed_url]
    with pytest.raises(DownloadError) as caught:
        download(file_at(*urls), tmp_path)
    message = str(caught.value)
    for url, reason in zip(urls, ["HTTP 404", "wrong bytes", "connection lost", "cannot connect"], strict=True):
        assert re.search(rf"{re.escape(url)}: {reason}", message), reason
    assert str(tmp_path) in message and "--data-dir" in message and "MINIREAREC_DATA" in message
    assert card("beauty").by_hand in message
    assert names(tmp_path) == ["Beauty.txt.part"]  # of /c, for the next try


def test_an_unreachable_host_is_asked_once(closed_url, tmp_path):
    with pytest.raises(DownloadError, match="cannot connect.*; .*not tried, the same host"):
        download(file_at(closed_url, closed_url + "?mirror"), tmp_path)


def test_malformed_address_leads_to_the_next(server, tmp_path):
    assert download(file_at("nonsense://x", "no address", server.url("/b", OK)), tmp_path).exists()


def test_unwritable_folder(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="file.*cannot be read or written.*--data-dir"):
        download(file_at(server.url("/a", OK)), tmp_path / "file")


def test_full_disk(server, tmp_path, monkeypatch):
    class Full(Progress):
        def update(self, amount):
            if amount:
                raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataError, match="No space left on device.*Choose a folder with free space"):
        download(file_at(server.url("/a", OK), server.url("/b", OK)), tmp_path, Full())
    assert names(tmp_path) == ["Beauty.txt.part"] and server.requests == ["/a"]


def test_an_interrupted_download_goes_on_where_it_ended(server, tmp_path):
    class Interrupting(Progress):
        def update(self, amount):
            super().update(amount)
            if self.done > 100000:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(file_at(server.url("/a", OK)), tmp_path, Interrupting())
    there = (tmp_path / "Beauty.txt.part").stat().st_size
    assert 0 < there < len(BODY) and names(tmp_path) == ["Beauty.txt.part"]
    progress = Progress()
    assert download(file_at(server.url("/a", OK)), tmp_path, progress).read_bytes() == BODY
    assert server.starts == [0, there] and progress.total == progress.done == len(BODY)
    assert names(tmp_path) == ["Beauty.txt"]


def test_a_cut_connection_is_resumed(server, tmp_path):
    assert download(file_at(server.url("/a", CUT, OK)), tmp_path).read_bytes() == BODY
    assert server.starts[0] == 0 < server.starts[1] <= 100000 and names(tmp_path) == ["Beauty.txt"]


def test_another_mirror_goes_on_with_the_same_bytes(server, tmp_path):
    download(file_at(server.url("/a", CUT, NOT_FOUND), server.url("/b", OK)), tmp_path)
    assert server.requests == ["/a", "/a", "/b"]
    assert server.starts[0] == 0 < server.starts[1] == server.starts[2]


def test_a_server_that_cannot_resume_begins_again(server, tmp_path):
    server.resumes = False
    progress = Progress()
    assert download(file_at(server.url("/a", CUT, OK)), tmp_path, progress).read_bytes() == BODY
    assert server.starts[1] > 0 and progress.done == len(BODY)


@pytest.mark.parametrize("left", [b"x" * 1000, BODY + b"more", BODY[:-1] + b"x"])
def test_wrong_bytes_left_behind_are_thrown_away(server, tmp_path, left):
    (tmp_path / "Beauty.txt.part").write_bytes(left)
    assert download(file_at(server.url("/a", OK)), tmp_path).read_bytes() == BODY
    assert server.starts == [len(left), 0] and names(tmp_path) == ["Beauty.txt"]


def test_a_whole_file_left_behind_only_needs_its_name(server, tmp_path):
    (tmp_path / "Beauty.txt.part").write_bytes(BODY)
    assert download(file_at(server.url("/a", OK)), tmp_path).read_bytes() == BODY


def test_a_file_without_an_address(tmp_path):
    with pytest.raises(DownloadError, match="data set beauty: has no address to download it from. By hand: Open"):
        download(file_at(), tmp_path)


@pytest.mark.parametrize("present", [False, True])
def test_without_a_sha256_any_complete_bytes_are_accepted(server, tmp_path, present):
    remote = replace(file_at(server.url("/a", WRONG)), sha256="")
    if present:
        (tmp_path / "Beauty.txt").write_bytes(b"mine")
    assert download(remote, tmp_path).read_bytes() == (b"mine" if present else WRONG[1])
