"""What env.json says about where a run was made."""

import json
import platform
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from minirearec.config import Config
from minirearec.runs import environment as module
from minirearec.runs.environment import environment


def test_it_names_software_machine_data_and_command(data):
    found = environment(Config.make(seed=7), replace(data, sha256="ab" * 32), "cpu", "minirearec train --seed 7")
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["numpy"] == version("numpy") and found["versions"]["minirearec"] == version("minirearec")
    assert found["cores"] >= 1 and found["machine"] == platform.machine()
    expected = {"device": "cpu", "data": "beauty-sim", "data_sha256": "ab" * 32, "synthetic": True, "seed": 7,
                "command": "minirearec train --seed 7"}
    assert {key: found[key] for key in expected} == expected
    assert json.loads(json.dumps(found)) == found, "it can be written as JSON"


def test_a_package_that_is_missing_has_no_version(data, monkeypatch):
    """A machine without PyTorch trains with NumPy."""
    def without_torch(name):
        if name == "torch":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(module, "version", without_torch)
    versions = environment(Config.make(), data, "cpu", "")["versions"]
    assert versions["torch"] is None and versions["numpy"] == "1.0"
