"""minirearec assignment release."""

import json

import pytest
from click.testing import CliRunner

from minirearec_cli.commands.assignment.release import command
from tests.tutorials.grading.handout.released import ALL


def release(*words):
    return CliRunner().invoke(command, list(map(str, words)))


def test_the_command_says_what_it_wrote_and_what_is_next(own, tmp_path):
    result = release("b1", "--out", tmp_path / "course")
    assert result.exit_code == 0
    written = {path for path in (tmp_path / "course").rglob("*") if path.is_file()}
    assert {line.removeprefix("Made ") for line in result.stdout.splitlines() if line.startswith("Made ")} \
        == set(map(str, written))
    assert {str(path.relative_to(tmp_path / "course")) for path in written} == {
        "student/b1/b1.py", "student/b1/README.md", "student/b1/test_b1.py", "student/b1/b1.ipynb",
        "source/b1/b1.ipynb", "nbgrader_config.py", "grading.toml"}
    assert "nbgrader generate_assignment b1" in result.stdout and "For you only" in result.stdout


def test_all_and_json(tmp_path):
    found = json.loads(release("--all", "--out", tmp_path / "course", "--json").stdout)
    assert found["assignments"] == [item.name for item in ALL]
    assert set(found["written"]) == {str(path) for path in (tmp_path / "course").rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [(), ("b1", "--all")])
def test_either_names_or_all(own, tmp_path, words):
    result = release(*words, "--out", tmp_path / "course")
    assert result.exit_code == 2 and "--all" in result.stderr and not (tmp_path / "course").exists()
