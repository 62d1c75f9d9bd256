"""The worker of a pool: it resumes, it measures, and it ends with its parent."""

import os
import signal
import subprocess
import sys
from multiprocessing import active_children

import pytest

from minirearec.analysis.trials import Machine, Trial
from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.studies import working
from minirearec.studies.working import at_a_time, prepare, work, work_alone
from minirearec.training import Trainer
from tests.small import SMALL

CONFIG = Config.make(method="base", epochs=1, **SMALL)


def test_a_job_ends_in_its_line(data, tmp_path):
    trial = Trial("base", CONFIG, tmp_path / "run")
    number, line = work_alone(7, os.getppid(), (trial, data, Machine("cpu")))
    assert number == 7 and line["epochs"] == 1 and (trial.path / "results.json").exists()
    [again] = work(trial, data, Machine("cpu"))  # a run that ended before it was measured
    assert again["test"] == line["test"]


def test_a_job_without_its_parent_ends(data, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "_exit", lambda code: pytest.fail("it ended"))
    with pytest.raises(pytest.fail.Exception, match="it ended"):
        work_alone(0, os.getppid() + 1, (Trial("base", CONFIG, tmp_path / "run"), data, Machine("cpu")))


def test_a_process_that_is_killed_is_an_error_and_the_others_end(data, tmp_path, monkeypatch):
    """Each process kills itself as it loads this plugin, as a system does that runs out of memory."""
    (tmp_path / "kills.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(working, "loaded", lambda: [tmp_path / "kills.py"])
    given = [(Trial("base", CONFIG, tmp_path / str(number)), data, Machine("cpu")) for number in range(3)]
    with pytest.raises(RunError, match="was killed, perhaps because memory ran out. The same command continues"):
        list(at_a_time(2, given, 1, tmp_path))
    assert not active_children()


def test_processes_end_when_their_caller_stops(data, tmp_path):
    longer = CONFIG.replaced(epochs=1000, patience=1000)
    given = [(Trial("base", config, tmp_path / str(number)), data, Machine("cpu"))
             for number, config in enumerate((CONFIG, longer))]
    lines = at_a_time(2, given, 1, tmp_path)
    number, line = next(lines)
    assert number == 0 and line["epochs"] == 1 and active_children()
    lines.close()
    assert not active_children()


def test_a_process_has_the_plugins_of_its_parent(tmp_path):
    plugin = tmp_path / "plugin.py"
    plugin.write_text("print('loaded')")
    code = f"import signal; from minirearec.studies.working import prepare; prepare([{str(plugin)!r}], 1); " \
           "print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["loaded", "True"]
    assert callable(prepare) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_a_run_of_other_settings_is_not_measured(data, tmp_path):
    Trainer(CONFIG, data, out=tmp_path / "run").keeper.unlock()
    other = Trial("base", CONFIG.replaced(width=8), tmp_path / "run")
    with pytest.raises(RunError, match="holds a run with other settings"):
        next(work(other, data, Machine("cpu")))
