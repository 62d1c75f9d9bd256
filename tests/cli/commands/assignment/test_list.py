"""minirearec assignment list."""

import json

from minirearec_tutorials.grading.assignment.finding import assignment
from tests.cli.commands.assignment.calling import call


def test_list_names_every_assignment():
    result = call("list")
    assert result.exit_code == 0
    for name in ("a1", "a2", "a3", "a4", "a5", "a6"):
        assert f" {name} " in result.stdout and assignment(name).title in result.stdout
    items = json.loads(call("list", "--json").stdout)
    assert [item["name"] for item in items] == ["a1", "a2", "a3", "a4", "a5", "a6"]
    assert all(sum(task["points"] for task in item["tasks"]) == item["points"] for item in items)
