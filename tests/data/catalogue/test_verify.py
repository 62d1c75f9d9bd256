"""Verifying a data set: counts, content, and the promises of its split."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import by_time, card, load
from minirearec.data.catalogue import folders
from minirearec.data.catalogue.amazon import amazon_2023, read_item_titles
from minirearec.data.catalogue.verify import verify
from minirearec.data.files.folder import save
from minirearec.data.sequences import content_sha256
from minirearec.errors import DataError, DownloadError
from tests.data.catalogue.amazon_files import write_amazon
from tests.data.files.examples import unsealed
from tests.data.splits.stories import STORY, make

KNOWN = "every target and history of validation and test is known to training"
TARGETS = "no target is among the items that train, and none is a target twice"


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """Set an empty cache folder and unset the variable."""
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)


def saved(data, path):
    """Save data in a folder with the right sha256, so that any fault is in the data itself."""
    return save(replace(data, sha256=content_sha256(data)), path)


def with_an_unknown_item(data):
    """Return the data with a new item, which training never sees, as the first validation target."""
    items = np.array(data.items)
    items[data.offsets[data.given.valid.user[0]] + data.given.valid.length[0]] = data.n_items
    titles = None if data.titles is None else np.append(data.titles, "")
    new = np.array(["99"]).astype(data.item_ids.dtype)
    return replace(data, items=items, item_ids=np.append(data.item_ids, new), titles=titles)


def cut(folder):
    return by_time(make(STORY), (10, 20), "date").data


def amazon(folder):
    files = write_amazon(folder)
    return amazon_2023(files, read_item_titles(files["titles"]))


@pytest.mark.parametrize("make_data", [cut, amazon])
def test_the_promise_of_known_items_can_fail(tmp_path, make_data):
    data = make_data(tmp_path)
    assert verify(saved(data, tmp_path / "right"))[-1] == KNOWN
    wrong = saved(with_an_unknown_item(data), tmp_path / "wrong")
    with pytest.raises(DataError, match="a valid row of user .* has an item that no training history has"):
        verify(wrong)


def test_what_is_not_promised_is_not_checked(tmp_path):
    data = by_time(make(STORY), (10, 20), "date", known_items=False).data
    assert KNOWN not in verify(saved(with_an_unknown_item(data), tmp_path / "open"))


def test_a_cut_in_time_is_checked_by_its_kind_and_not_by_words(tmp_path):
    data = cut(tmp_path)
    data = replace(data, timestamps=data.timestamps[::-1].copy(), given=replace(data.given, rule="by the moon"))
    with pytest.raises(DataError, match="is later than a valid target"):
        verify(saved(data, tmp_path / "moon"))


def test_a_text_file(tmp_path):
    (tmp_path / "mine.txt").write_text("1 5 6 7\n2 6 7 8\n")
    assert verify(tmp_path / "mine.txt") == [
        f"{tmp_path / 'mine.txt'} can be read: 2 users, 4 items, 6 interactions", TARGETS]


def test_a_named_set_and_other_counts(offer):
    assert verify("markov") == verify(card("markov"))
    assert verify("markov") == ["counts as on its card: 6,000 users, 500 items, 78,000 interactions", TARGETS]
    offer(replace(card("markov"), users=5))
    with pytest.raises(DataError, match="markov: the counts differ from those on its card: 6,000 users, not 5"):
        verify("markov")


def test_a_set_that_is_not_here_is_not_downloaded():
    with pytest.raises(DownloadError, match="data set toys: is not in .*cache, and downloading is off"):
        verify("toys")


def test_the_name_is_looked_up_once(lookups):
    verify("markov")
    assert lookups == ["markov"]


def test_old_folders_verify(tmp_path):
    path = unsealed(saved(cut(tmp_path), tmp_path / "old"))
    text = (path / "dataset.toml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("split_kind", "known_items"))]
    (path / "dataset.toml").write_text("\n".join(lines))
    assert verify(path)[-1] == "nothing that trains is later than a target"
    assert load(path).given.rule == "cut in time at 10 and 20"
