"""Every assignment there is: consistent with itself, solved by its solution, and not by its stub or wrong solutions."""

import ast

import pytest

from minirearec_tutorials.grading.assignment.contents import TASK_HEADING, TASK_LINE, Assignment
from minirearec_tutorials.grading.assignment.finding import assignments
from minirearec_tutorials.grading.checks import checks_of
from minirearec_tutorials.grading.marking.grader import grade

ALL = assignments()
WRONG = [(item, wrong) for item in ALL.values() for wrong in item.wrong]
MAY_IMPORT = {"numpy", "math"}


def each(test):
    return pytest.mark.parametrize("item", ALL.values(), ids=ALL)(test)


def test_there_are_assignments():
    assert list(ALL) == ["a1", "a2", "a3", "a4", "a5", "a6"]


def listed(item: Assignment) -> list[tuple[str, str, str]]:
    return [(task.number, task.title, str(task.points)) for task in item.tasks]


@each
def test_the_texts_agree_with_the_list_of_tasks(item):
    lines = [found.groups() for line in item.stub().splitlines() if (found := TASK_LINE.fullmatch(line))]
    headings = [found.groups() for line in item.text().splitlines() if (found := TASK_HEADING.fullmatch(line))]
    assert lines == headings == listed(item)
    introduction, sections = item.sections()
    assert introduction.startswith("# ") and list(sections) == [task.number for task in item.tasks]
    assert all(task.number.partition(".")[0] == item.name.removeprefix("a") for task in item.tasks)
    assert all(len(task.hints) >= 2 and len(set(task.hints)) == len(task.hints) for task in item.tasks)


@each
def test_every_task_is_one_function_with_one_block(item):
    """After each ``# Task`` line: one function, its name as listed, documented, its body one solution block."""
    stub = ast.parse(item.stub())
    task_lines = [place for place, line in enumerate(item.stub().splitlines(), 1) if TASK_LINE.fullmatch(line)]
    functions = [node for node in stub.body if isinstance(node, ast.FunctionDef) and node.lineno > task_lines[0]]
    assert [function.name for function in functions] == [task.function for task in item.tasks]
    for function, place, task in zip(functions, task_lines, item.tasks, strict=True):
        assert function.lineno == place + 1 and ast.get_docstring(function)
        assert ast.unparse(function.body[1:]) == f"raise NotImplementedError('Task {task.number}: {task.function}')"


def imported(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return found


@each
def test_solutions_need_numpy_only(item):
    assert imported(item.solution()) <= MAY_IMPORT
    for wrong in item.wrong:
        assert imported(item.wrong_submission(wrong)) <= MAY_IMPORT


@each
def test_every_wrong_solution_is_listed_and_every_task_has_one(item):
    assert {path.name for path in (item.folder / "wrong").glob("*.py")} == {wrong.file for wrong in item.wrong}
    assert len(item.wrong) >= 3
    assert {number for wrong in item.wrong for number in wrong.fails} == {task.number for task in item.tasks}


@each
def test_checks_are_an_example_and_properties(item):
    found = checks_of(item.checks())
    assert list(found) == [task.number for task in item.tasks]
    for checks in found.values():
        assert not checks[0].draws, "the first is the example"
        assert any(check.draws for check in checks) and all(check.about for check in checks)


@each
def test_the_solution_earns_every_point(item):
    result = grade(item, item.solution())
    assert not result.problem
    assert [task.failure and task.failure.message for task in result.tasks] == [None] * len(item.tasks)
    assert result.earned == result.points == item.points and result.output == ""


@each
def test_the_stub_earns_nothing(item):
    result = grade(item, item.stub())
    assert [task.status for task in result.tasks] == ["not written"] * len(item.tasks)
    assert result.earned == 0 and result.points == item.points


@pytest.mark.parametrize("item, wrong", WRONG,
                         ids=[f"{item.name}-{wrong.file.removesuffix('.py')}" for item, wrong in WRONG])
def test_a_wrong_solution_fails_its_tasks_and_no_others(item, wrong):
    """Tasks whose code it does not change are those of the solution, which passes them."""
    source = item.wrong_submission(wrong)
    touched = [task.number for task in item.tasks if reaches(source, task.function, overridden(item, wrong))]
    assert set(wrong.fails) <= set(touched)
    result = grade(item, source, only=touched)
    assert not result.problem
    assert tuple(task.number for task in result.tasks if task.earned == 0) == wrong.fails


def overridden(item: Assignment, wrong) -> set[str]:
    """Return the names that a wrong solution redefines."""
    found = set()
    for node in ast.parse((item.folder / "wrong" / wrong.file).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def reaches(source: str, function: str, names: set[str]) -> bool:
    """Return whether a function is one of these names or uses one, directly or through others of the file."""
    uses = {node.name: {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
            for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    waiting, seen = [function], set()
    while waiting:
        name = waiting.pop()
        if name in names:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(uses.get(name, ()))
    return False
