"""minirearec assignment start."""

from minirearec_tutorials.grading.assignment.finding import assignment
from tests.cli.commands.assignment.calling import call, refused


def test_start_makes_a_folder_that_can_be_checked(here):
    result = call("start", "a2")
    assert result.exit_code == 0 and "minirearec assignment check a2" in result.stdout
    assert sorted(path.name for path in (here / "a2").iterdir()) == ["README.md", "a2.py", "test_a2.py"]
    assert (here / "a2" / "a2.py").read_text() == assignment("a2").stub()
    checked = call("check", "a2")
    assert checked.exit_code == 1 and "0 of 15 points" in checked.stdout
    assert checked.stdout.count("not written") == 6 and "Next: task 2.1" in checked.stdout


def test_start_never_overwrites(here):
    call("start", "a2")
    (here / "a2" / "README.md").unlink()
    (here / "a2" / "a2.py").write_text("mine")
    refused(call("start", "a2"), "already there: a2/a2.py, a2/test_a2.py", "Nothing was written")
    assert (here / "a2" / "a2.py").read_text() == "mine" and not (here / "a2" / "README.md").exists()
    (here / "file").write_text("")
    refused(call("start", "a2", "--out", "file"), "cannot be written")


def test_start_elsewhere(here):
    result = call("start", "a2", "--out", "home/work")
    assert "check a2 --file home/work/a2.py" in result.stdout and (here / "home/work/a2.py").exists()
