"""Without torchrun there is one process, whatever else sets the variables that torchrun also uses."""

import pytest

from minirearec import processes
from minirearec.config import Config
from minirearec.engine import make_learner
from minirearec.errors import ConfigError


def test_one_process_without_torchrun(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    for name in ("WORLD_SIZE", "RANK"):
        monkeypatch.setenv(name, "3")
    assert (processes.count(), processes.number()) == (1, 0)


def test_several_processes_of_torchrun(monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "any", "WORLD_SIZE": "3", "RANK": "2"}.items():
        monkeypatch.setenv(name, value)
    assert (processes.count(), processes.number()) == (3, 2)
    with pytest.raises(ConfigError, match="--backend: NumPy trains in one process. Omit torchrun"):
        make_learner(Config.make(), 5, "numpy")
