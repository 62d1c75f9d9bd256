"""Habits that hold themselves: files and functions stay short, and every module has a test of its name.

Ruff checks the length of lines, imports and likely bugs; basedpyright the types: see .pre-commit-config.yaml.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twins.pairs import MODULES as TWINS

ROOT = Path(__file__).resolve().parents[1]
CODE = (".ci", "cli", "datasets", "minirearec", "tests", "tutorials")
DOCUMENTS = "tutorials/notebooks"  # notebooks as Python files: prose and cells, as long as their lesson
LONGEST_FILE, LONGEST_FUNCTION = 250, 50

MIRRORED = {"minirearec": "tests", "cli": "tests/cli", "tutorials": "tests/tutorials"}
NOT_MODULES = ("tutorials/assignments/", DOCUMENTS)  # read by the grader and by tests/tutorials, not imported
ELSEWHERE = {  # a module that is tested by a file of another name: that file, and why
    "minirearec/events.py": ("tests/test_training.py", "the loop yields them"),
    "minirearec/nn/devices.py": ("tests/test_engine.py", "engines find devices and precisions"),
    "minirearec/nn/engine.py": ("tests/test_engine.py", "both backends are held to the same"),
    "minirearec/nn/learner.py": ("tests/test_engine.py", "both backends are held to the same"),
    "minirearec/reference/engine.py": ("tests/test_engine.py", "both backends are held to the same"),
    "minirearec/nn/walking.py": ("tests/test_engine.py", "both backends are held to the same"),
    "minirearec/reference/walking.py": ("tests/test_engine.py", "both backends are held to the same"),
    "minirearec/reference/learning.py": ("tests/twins/test_training.py", "compared with PyTorch's gradients"),
    "minirearec/nn/objectives/contrasted.py": ("tests/twins/test_training.py", "compared there with its counterpart"),
    "minirearec/reference/objectives/contrasted.py": ("tests/twins/test_training.py", "compared with PyTorch"),
    "minirearec/reference/optim.py": ("tests/twins/test_training.py", "compared with PyTorch's AdamW"),
    "minirearec/nn/registries.py": ("tests/test_methods.py", "a table; methods and parts are looked up in it"),
    "minirearec/reference/registries.py": ("tests/test_methods.py", "a table; methods and parts are looked up in it"),
    "tutorials/render.py": ("tests/tutorials/test_notebooks.py", "a script; the pages it made are compared there"),
    "tutorials/drawing.py": ("tests/tutorials/test_notebooks.py", "the pictures of notebooks, drawn when these run"),
} | {  # twins: every public function is compared with its twin, in values, gradients and arguments
    f"minirearec/{side}/{name.replace('.', '/')}.py": ("tests/twins/pairs.py", "a twin")
    for side in ("nn", "reference") for name in TWINS}


def files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield every Python file of ours that is no document, with its path below the root."""
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(DOCUMENTS):
                yield name, path


def too_long(root: Path) -> list[str]:
    """Return a line for every file and function above the limits."""
    found = []
    for name, path in files(root):
        text = path.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > LONGEST_FILE:
            found.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found.append(f"{name}:{node.lineno}: {node.name} has {length} lines")
    return found


def has_logic(path: Path) -> bool:
    """Return whether a module does more than document, import and name things."""
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(path.read_text("utf-8")).body)


def untested(root: Path) -> list[str]:
    """Return the modules with logic that have no test of their name in the mirrored place, nor one in ELSEWHERE.

    ``__init__`` modules document and export their package, which tests/test_structure.py and the package's tests use.
    """
    found = []
    for name, path in files(root):
        folder = name.split("/")[0]
        if folder not in MIRRORED or path.name == "__init__.py" or name.startswith(NOT_MODULES) or not has_logic(path):
            continue
        mirrored = Path(MIRRORED[folder], *Path(name).parts[1:-1], f"test_{path.name}")
        test = ELSEWHERE.get(name, (mirrored, ""))[0]
        if not (root / test).exists():
            found.append(f"{name}: no {test}")
    return found


def test_files_and_functions_are_short():
    found = too_long(ROOT)
    assert not found, "\n" + "\n".join(found)


def test_every_module_has_a_test_of_its_name():
    found = untested(ROOT)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_exceptions_are_needed(name):
    """Take a module off the list when it moves, or when it gets a test of its own."""
    assert (ROOT / name).exists()
    folder, *parts, last = Path(name).parts
    assert not (ROOT / MIRRORED[folder] / Path(*parts) / f"test_{last}").exists() or ELSEWHERE[name][1] == "a twin"


def test_the_limits_can_be_broken(tmp_path):
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "long.py").write_text("x = 1\n" * (LONGEST_FILE + 1))
    (tmp_path / "cli" / "fits.py").write_text("x = 1\n" * LONGEST_FILE)
    body = "    x = 1\n"
    fits = "def fits():\n" + body * (LONGEST_FUNCTION - 1)
    long = "    def long(self):\n" + f"    {body}" * LONGEST_FUNCTION
    (tmp_path / "cli" / "functions.py").write_text(f"{fits}class A:\n{long}")
    (tmp_path / "tutorials" / "notebooks").mkdir(parents=True)
    (tmp_path / "tutorials" / "notebooks" / "0.py").write_text("x = 1\n" * 1000)
    assert too_long(tmp_path) == [f"cli/functions.py:{LONGEST_FUNCTION + 2}: long has {LONGEST_FUNCTION + 1} lines",
                                  f"cli/long.py: {LONGEST_FILE + 1} lines"]


def test_a_module_without_a_test_is_named(tmp_path):
    for name, text in {"minirearec/data/new.py": "def f(): pass", "minirearec/shapes.py": '"""A legend."""',
                       "minirearec/data/__init__.py": "def f(): pass", "cli/tested.py": "class A: pass",
                       "tests/cli/test_tested.py": "", "tutorials/assignments/a1/solution.py": "def f(): pass"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert untested(tmp_path) == ["minirearec/data/new.py: no tests/data/test_new.py"]
