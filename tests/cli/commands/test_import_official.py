"""minirearec import-official: which data it takes, and what it says at the end. The import itself is in tests/runs."""

from types import SimpleNamespace

import pytest

from minirearec.config import Config
from minirearec.runs import official


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Replace the import by a note of what it was asked for."""
    notes = []

    def note(checkpoint, config, data, out, command):
        notes.append((checkpoint, config, data.name, out, command))
        return SimpleNamespace(config=Config.make(method="prl", steps=2, width=64), path=out)

    monkeypatch.setattr(official, "import_official", note)
    return notes


def test_the_run_is_told_with_what_is_next(minirearec, asked, tiny):
    result = minirearec("import-official", "PRL.pt", "--config", "prl.toml", "--dataset", tiny, "--out", "my run")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Imported prl, K = 2, width 64: my run\nNext: minirearec evaluate 'my run'\n"
    command = f"minirearec import-official PRL.pt --config prl.toml --dataset {tiny} --out 'my run'"
    assert asked == [("PRL.pt", "prl.toml", "tiny", "my run", command)]


def test_a_checkpoint_of_real_data_never_meets_a_stand_in(minirearec, asked, refused):
    """Its item numbers mean something in the real file alone."""
    refused(minirearec("import-official", "PRL.pt", "--config", "prl.toml", "--out", "run"), "could not be downloaded")
    assert asked == []


def test_synthetic_data_may_be_asked_for_by_name(minirearec, asked):
    words = ("import-official", "PRL.pt", "--config", "prl.toml", "--dataset", "beauty-sim", "--out", "run")
    assert minirearec(*words).exit_code == 0 and asked[0][2] == "beauty-sim"


@pytest.mark.parametrize("missing", ["--config", "--out"])
def test_settings_and_place_are_needed(missing, minirearec, refused):
    given = {"--config": "prl.toml", "--out": "run"}
    del given[missing]
    refused(minirearec("import-official", "PRL.pt", *(word for pair in given.items() for word in pair)),
            f"Missing option '{missing}'")
