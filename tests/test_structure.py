"""The shape of the code itself: which part may import which, how long things are, and what is installed."""

import ast
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]

# The layer of every module, lowest layer first. An entry is a module or a whole package; the longest entry that fits
# applies. An import points to a lower layer, or stays inside the named package.
LAYERS = [
    {"errors", "shapes", "atomic", "plain", "text", "objective", "events", "processes"},
    {"extras", "progress", "setting_types", "settings", "shown", "bench.timing"},
    {"settings_file"},
    {"registry", "backends"},
    {"parts", "count_models", "listeners", "plots"},
    {"methods"},
    {"conflicts"},
    {"config"},
    {"weights", "sampling", "stopping", "schedule"},
    {"memory", "targets", "evaluation.ranking", "evaluation.published", "evaluation.scorers"},
    {"evaluation.metrics"},
    {"data"},
    {"nn", "reference"},
    {"engine", "evaluation", "counts", "plugins"},
    {"runs"},
    {"recommender", "export"},
    {"fitting", "validation", "course"},
    {"training", "lists"},
    {"analysis"},
    {"studies"},
    {"bench"},
    {"minirearec_tutorials.grading.assignment", "minirearec_tutorials.grading.sandbox.shared"},
    {"minirearec_tutorials.grading.checks", "minirearec_tutorials.grading.sandbox.inside",
     "minirearec_tutorials.grading.collecting"},
    {"minirearec_tutorials.grading.sandbox.outside"},
    {"minirearec_tutorials.grading.marking"},
    {"minirearec_tutorials.grading.reporting"},
    {"minirearec_tutorials.grading.handout"},
    {"minirearec_tutorials"},
    {"minirearec_cli"},
    {"__main__"},  # python -m minirearec: the only way from the library to the command line
]
# The authors' checkpoints are PyTorch's, and so is the writer of TensorBoard's files.
WITH_TORCH = ("minirearec.runs.official", "minirearec.listeners")
FORBIDDEN = {"nn": {"reference"}, "reference": {"nn", "data"}}  # neither side of a pair of twins uses the other


def module_name(path: Path) -> str:
    """Return the dotted name under which a file is installed."""
    package, folder = next((package, ROOT / folder) for package, folder in FOLDERS.items()
                           if path.is_relative_to(ROOT / folder))
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join([package, *parts]).removesuffix(".__init__")


MODULES = {module_name(path): path for folder in FOLDERS.values() for path in sorted((ROOT / folder).rglob("*.py"))
           if not {"assignments", "notebooks"} & set(path.relative_to(ROOT / folder).parts)}


def imports_of(path: Path) -> set[str]:
    """Return every module that a file imports, at its top or inside functions, except for type checkers only."""
    found = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for inner in node.body:
                inner.names = []
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.names:
            found |= {f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module
                      for alias in node.names}
    return found


IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}


def place(name: str) -> tuple[int, str]:
    """Return the layer of a module and its entry in LAYERS."""
    own = name.removeprefix("minirearec.")
    fitting = [(level, entry) for level, entries in enumerate(LAYERS) for entry in entries
               if own == entry or own.startswith(entry + ".")]
    assert fitting, f"{name} has no place in LAYERS"
    return max(fitting, key=lambda found: len(found[1]))


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ("minirearec", "minirearec_cards")])
def test_every_arrow_points_down(name):
    level, own = place(name)
    for other in IMPORTS[name] & MODULES.keys() - {"minirearec"}:
        other_level, theirs = place(other)
        assert other_level < level or theirs == own, f"{name} imports {other}"
        assert theirs.split(".")[0] not in FORBIDDEN.get(own, set()), f"{name} imports {other}"


def test_no_modules_import_each_other():
    """Show the whole cycle if there is one.

    A module may import the ``__init__`` of its package, which then must not import the module.
    """
    try:
        TopologicalSorter({name: IMPORTS[name] & MODULES.keys() - {name} for name in MODULES}).prepare()
    except CycleError as error:
        pytest.fail("imports go round: " + " -> ".join(error.args[1]))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("minirearec.")
                                  and name != "minirearec.__main__"])
def test_the_library_needs_neither_the_command_line_nor_pytorch(name):
    outside = {imported.split(".")[0] for imported in IMPORTS[name]}
    assert not outside & {"click", "rich", "minirearec_cli", "minirearec_tutorials"}, "the library never prints"
    if not name.startswith("minirearec.nn") and name not in WITH_TORCH:
        assert "torch" not in outside, "PyTorch belongs in minirearec.nn"


def test_a_cycle_and_an_arrow_that_points_up_are_found(monkeypatch):
    monkeypatch.setitem(IMPORTS, "minirearec.errors", {"minirearec.training"})
    with pytest.raises(AssertionError, match="minirearec.errors imports minirearec.training"):
        test_every_arrow_points_down("minirearec.errors")
    with pytest.raises(pytest.fail.Exception, match="imports go round: .*minirearec.errors"):
        test_no_modules_import_each_other()


def test_importing_pytorch_leaves_the_garbage_collector_as_it_was():
    code = "import gc, sys; {}; import minirearec.nn; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    for before, after in (("gc.enable()", "True True"), ("gc.disable()", "False True")):
        assert subprocess.check_output([sys.executable, "-c", code.format(before)], text=True).strip() == after


def test_importing_the_package_imports_neither_torch_nor_numpy():
    code = "import sys, minirearec; print([name for name in ('torch', 'numpy', 'click') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_exported_name_exists():
    import minirearec

    for name in minirearec.__all__:
        assert getattr(minirearec, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        assert minirearec.magic


def test_type_checkers_see_the_names_that_python_loads():
    import minirearec

    tree = ast.parse((ROOT / "minirearec" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {node.names[0].asname: node.module for node in block.body}
    assert seen == {name: f"minirearec.{home}" for name, home in minirearec._HOMES.items()}


def test_every_package_of_the_tree_is_installed():
    """Compare the list of packages in pyproject.toml, which is written by hand, with the tree."""
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
