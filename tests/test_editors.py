"""What an editor shows: every name of ``mr.``, with its signature, for type checkers and for jedi (in notebooks)."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import minirearec

ROOT = Path(__file__).resolve().parents[1]
NAMES = [name for name in minirearec.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_jedi_resolves_every_name_with_its_signature(name):
    jedi = pytest.importorskip("jedi", reason="jedi is not installed: it comes with ipykernel")
    code = f"import minirearec as mr\nmr.{name}("
    script = jedi.Script(code, project=jedi.Project(ROOT))
    found = script.infer(2, 4)
    assert [one.name for one in found] == [name], f"jedi infers {found}"
    signatures = script.get_signatures(2, len(code.splitlines()[1]))
    assert signatures and found[0].docstring(), "no signature"
    if inspect.isfunction(getattr(minirearec, name)):
        own = list(inspect.signature(getattr(minirearec, name)).parameters)
        assert [one.name for one in signatures[0].params] == own


def test_jedi_completes_the_names():
    jedi = pytest.importorskip("jedi", reason="jedi is not installed: it comes with ipykernel")
    found = {one.name for one in jedi.Script("import minirearec as mr\nmr.", project=jedi.Project(ROOT)).complete(2, 3)}
    assert set(NAMES) <= found


def test_the_type_checker_knows_every_name(tmp_path):
    pytest.importorskip("basedpyright", reason="basedpyright is not installed: it comes with the extra dev")
    page = tmp_path / "page.py"
    page.write_text("import minirearec as mr\n" + "".join(f"reveal_type(mr.{name})\n" for name in NAMES)
                    + 'mr.Config.make(method="erl", width="wide")\nmr.Config.make(wdith=3)\n')
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(ROOT)], "typeCheckingMode": "basic"}))
    told = subprocess.run([sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(tmp_path),
                           "--pythonpath", sys.executable], capture_output=True, text=True).stdout
    found = json.loads(told)["generalDiagnostics"]
    types = [one["message"] for one in found if one["severity"] == "information"]
    assert len(types) == len(NAMES) and not [one for one in types if "Unknown" in one]
    errors = [one["message"] for one in found if one["severity"] == "error"]
    assert len(errors) == 2 and '"width"' in errors[0] and '"wdith"' in errors[1], errors
