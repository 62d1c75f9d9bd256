"""The process of a part: a job comes in, lines go out."""

import io
import json

import pytest

from minirearec.bench import child
from minirearec.errors import DataError


@pytest.fixture
def run(monkeypatch, capsys, job):
    """Return a function that runs a job in this process and returns its lines."""
    def begin(**changed):
        given = {"part": "training", "config": job.config.to_dict(), "where": "any", "data_dir": None,
                 "synthetic": True, "backend": "numpy", "device": "cpu", "quick": True, "full_epoch": False, "run": "",
                 **changed}
        monkeypatch.setattr(child.sys, "stdin", io.StringIO(json.dumps(given)))
        child.main()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return begin


def test_a_part_gets_the_settings_of_the_job(run, monkeypatch, job):
    seen = []
    monkeypatch.setattr(child, "load", lambda *_, **options: seen.append(options) or job.data)
    monkeypatch.setitem(child.PARTS, "training", lambda given: seen.append(given) or [{"case": "a"}, {"case": "b"}])
    assert run(full_epoch=True) == [{"case": "a"}, {"case": "b"}]
    assert seen[0] == {"download": False, "require_real": False}
    assert seen[1].config == job.config and seen[1].data is job.data
    assert (seen[1].backend, seen[1].quick, seen[1].full_epoch) == ("numpy", True, True)


def test_an_error_of_the_user_is_a_line(run, monkeypatch):
    def missing(*_, **__):
        raise DataError("is gone", "data", "Look for it.")

    monkeypatch.setattr(child, "load", missing)
    assert run() == [{"error": ["is gone", "data", "Look for it."]}]


def test_an_interrupted_process_says_nothing(run, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "load", interrupted)
    with pytest.raises(SystemExit, match="130"):
        run()
    assert capsys.readouterr().err == ""
