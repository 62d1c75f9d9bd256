"""An empty folder to work in, assignments, and a folder of submissions."""

import pytest

from tests.tutorials.doubling import own
from tests.tutorials.tiny import tiny


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in an empty folder, without settings from the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def folder(tiny, here):
    """Write four submissions of assignment t1, two with difficult names, and a file that is not a submission."""
    for name, text in (("zoe", tiny.wrong_submission(tiny.wrong[0])), ("=ann", tiny.solution()),
                       ("<b>bob</b>", tiny.solution() + "\nprint('<script>alert(1)</script>')")):
        path = here / "all" / name.replace("/", "∕") / "t1.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (here / "all" / "empty").mkdir()
    (here / "all" / "notes.txt").write_text("")
    return here / "all"
