"""The files of a grading."""

import pytest

from minirearec.errors import ConfigError
from minirearec_cli.views.assignment import pages
from minirearec_cli.views.assignment.grade_files import Wanted, make_room, write_student, write_tables
from minirearec_tutorials.grading.marking.grader import unchecked
from minirearec_tutorials.grading.reporting.records import How
from tests.tutorials.tiny import put


@pytest.mark.parametrize("where", ["folder", "file", "other page"])
def test_only_an_earlier_grading_is_replaced(tmp_path, where):
    kept = {"folder": "out/mine.txt", "file": "out", "other page": "out/index.html"}[where]
    put(tmp_path / kept, "keep me")
    with pytest.raises(ConfigError, match="not an earlier grading"):
        make_room(Wanted(tmp_path / "out.csv", force=True))
    assert (tmp_path / kept).read_text() == "keep me"


def test_an_earlier_grading_goes_as_a_whole(tmp_path):
    wanted = Wanted(tmp_path / "out.csv")
    make_room(wanted)
    for name in ("out.csv", "out-names.csv", "out-moodle.csv", "out-canvas.csv", "out/ann.html"):
        put(tmp_path / name)
    put(tmp_path / "out-other.csv", "mine")
    with pytest.raises(ConfigError, match=r"already there: .*out.csv and .*out and .*out-names.csv.*--force"):
        make_room(wanted)
    make_room(Wanted(tmp_path / "out.csv", force=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out-other.csv"]
    assert (tmp_path / "out" / "index.html").read_text() == pages.unfinished_page()
    with pytest.raises(ConfigError, match=r"must end in .csv"):
        make_room(Wanted(tmp_path / "out.txt"))


def test_files_of_students_and_tables(tiny, tmp_path):
    wanted, grades = Wanted(tmp_path / "out.csv"), [unchecked(tiny, "bob", "gone"), unchecked(tiny, "ann", "gone")]
    make_room(wanted)
    write_student(tiny, grades[0], wanted.pages, "b-1")
    assert "gone" in (tmp_path / "out" / "b-1.html").read_text()
    assert '"score": 0' in (tmp_path / "out" / "b-1" / "results.json").read_text()
    graded = write_tables(tiny, grades, [], None, wanted, {}, {"bob": "b-1", "ann": "a-1"}, How())
    assert [one.student for one in graded.grades] == ["ann", "bob"]
    assert 'href="b-1.html"' in graded.places["pages"].read_text() and wanted.record.exists()
    assert [line.partition(",")[0] for line in wanted.out.read_text().splitlines()] == ["student", "ann", "bob"]
