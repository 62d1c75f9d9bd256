"""The shape of the code itself: which part may import which, and what is installed."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "minirearec"

# Where a module belongs, lowest layer first. A module imports from its own layer or lower ones only.
LAYERS = [
    {"errors", "text", "config", "shapes", "weights", "references", "ranking", "metrics"},
    {"data", "reference", "nn", "engines"},
    {"evaluation", "scorers", "counts", "runs", "environment", "loading"},
    {"training", "analysis", "recommender", "official"},
]
FORBIDDEN = {"nn": {"reference"}, "data": {"nn", "reference"}}


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


MODULES = sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")


def part(path: Path) -> str:
    return path.relative_to(LIBRARY).with_suffix("").parts[0]


def layer(name: str) -> int:
    return next(level for level, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_point_one_way(path):
    own, imported = part(path), imports_of(path)
    ours = {name.split(".")[1] for name in imported if name.startswith("minirearec.")}
    assert not {name for name in ours if layer(name) > layer(own)}
    assert not ours & FORBIDDEN.get(own, set())
    if own == "reference":
        assert ours <= {"reference"} | LAYERS[0], "the NumPy reference stands on its own"
    outside = {name.split(".")[0] for name in imported}
    assert not outside & {"click", "rich", "minirearec_cli"}, "the library never prints"
    if own not in {"nn", "official"}:  # a checkpoint of the authors is a PyTorch file
        assert "torch" not in outside, "PyTorch belongs into minirearec.nn"


def test_importing_the_package_imports_neither_torch_nor_numpy():
    code = "import sys, minirearec; print([name for name in ('torch', 'numpy', 'click') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_exported_name_is_there():
    import minirearec

    for name in minirearec.__all__:
        assert getattr(minirearec, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        minirearec.magic


def test_every_package_of_the_tree_is_installed():
    """Packages and their folders are listed by hand in pyproject.toml; this holds the list to the tree."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    expected = set()
    for package, folder in tool["package-dir"].items():
        for init in (ROOT / folder).rglob("__init__.py"):
            expected.add(".".join([package, *init.parent.relative_to(ROOT / folder).parts]))
    assert set(tool["packages"]) == expected
    top_level = {name.split(".")[0] for name in tool["packages"]}
    assert not top_level & {"cli", "datasets", "tests", "tutorials"}
    assert not (ROOT / "datasets" / "__init__.py").exists()


def test_versions_agree():
    import minirearec

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == minirearec.__version__
