"""The trusted and the untrusted side of the sandbox stay apart: who imports what, by the text and in fact."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import minirearec
import minirearec_tutorials

ROOT = Path(minirearec.__file__).resolve().parents[1]
SANDBOX = Path(minirearec_tutorials.__file__).resolve().parent / "grading" / "sandbox"
NAME = "minirearec_tutorials.grading.sandbox"
TRUSTED = [path for folder in ("minirearec", "cli", "tutorials") for path in sorted((ROOT / folder).rglob("*.py"))
           if SANDBOX / "inside" not in path.parents]
INSIDE, SHARED = sorted((SANDBOX / "inside").glob("*.py")), sorted((SANDBOX / "shared").glob("*.py"))


def imports(source: str, package: str) -> set[str]:
    """Return every module that a text imports, at its top, inside functions or by ``import_module``, by full name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[:len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(NAME):
            found.add(node.value)
    return found


def package_of(path: Path) -> str:
    installed = {"cli": "minirearec_cli", "tutorials": "minirearec_tutorials"}
    first, *rest = path.parent.relative_to(ROOT).parts
    return ".".join([installed.get(first, first), *rest])


def untrusted(source: str, package: str) -> set[str]:
    """Return what a trusted module imports from the untrusted side."""
    return {name for name in imports(source, package) if f"{name}.".startswith((f"{NAME}.inside.", "inside."))}


def foreign(source: str, package: str, allowed: set[str]) -> set[str]:
    """Return what an untrusted module imports that is neither NumPy, the standard library nor allowed."""
    return {name for name in imports(source, package)
            if name.partition(".")[0] not in sys.stdlib_module_names | {"numpy"}
            and not any(f"{name}.".startswith(f"{one}.") for one in allowed)}


def test_nothing_trusted_imports_the_inside():
    found = {str(path.relative_to(ROOT)): untrusted(path.read_text(), package_of(path)) for path in TRUSTED}
    assert len(found) > 100 and {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: path.name)
def test_the_inside_imports_itself_and_what_is_shared(path):
    allowed = {"inside", "shared", f"{NAME}.inside"}
    assert foreign(path.read_text(), package_of(path), allowed) == set()


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_what_is_shared_imports_neither_side(path):
    assert foreign(path.read_text(), package_of(path), {f"{NAME}.shared"}) == set()


@pytest.mark.parametrize("source", [
    f"from {NAME}.inside.worker import load", f"from {NAME} import inside", f"import {NAME}.inside",
    f"def f():\n    from {NAME}.inside import fence", "from ..inside import fence", "from .. import inside",
    f"import_module('{NAME}.inside.fence')", "from inside import fence"])
def test_a_trusted_module_that_crosses_would_be_found(source):
    assert untrusted(source, f"{NAME}.outside")
    assert not untrusted(f"from {NAME}.shared import messages", f"{NAME}.outside")


@pytest.mark.parametrize("source", [
    "import minirearec", "from minirearec.errors import ConfigError", f"from {NAME}.outside import sandbox",
    "import click", "from ..outside import sandbox", "from ... import checks",
    f"def f():\n    import {NAME}.shared_too"])
def test_an_untrusted_module_that_crosses_would_be_found(source):
    assert foreign(source, f"{NAME}.inside", {"inside", "shared", f"{NAME}.inside"})


def test_grading_loads_nothing_of_the_inside():
    """In fact, not by reading: every trusted module of grading is imported, and one submission is called."""
    code = f"""
import sys
from importlib import import_module
for name in {[package_of(path) + "." + path.stem for path in TRUSTED
              if SANDBOX.parent in path.parents and path.stem != "__init__"]!r}:
    import_module(name)
from {NAME}.outside.sandbox import Sandbox
with Sandbox("def one(): return 1") as sandbox:
    sandbox.start()
    assert sandbox.student.one() == 1
print([name for name in sys.modules if "inside" in name.split(".")])
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
