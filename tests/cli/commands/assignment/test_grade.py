"""minirearec assignment grade."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.commands.assignment.calling import call, refused
from tests.tutorials.grading.collecting.handing_in import notebook, put_zip


def test_grading_writes_a_table_pages_and_gradescopes_files(tiny, folder, here):
    result = call("grade", tiny.folder, folder, "--out", "grades.csv", "--jobs", 2)
    assert result.exit_code == 0 and "4 submissions, on average 7.0 of 10 points" in result.stdout
    assert "Ignored, not a submission: notes.txt" in result.stderr
    rows = list(csv.reader((here / "grades.csv").read_text().splitlines()))
    assert [row[0] for row in rows] == ["student", "<b>bob<∕b>", "'=ann", "empty", "zoe"]
    assert [row[-3] for row in rows[1:]] == ["10", "10", "0", "8"] and rows[3][-1] == "no t1.py in it"
    index = (here / "grades" / "index.html").read_text()
    assert 'href="zoe.html"' in index and "no t1.py in it" in index
    page = (here / "grades" / "zoe.html").read_text()
    assert "8 of 10 points" in page and "Hint:" in page
    [odd] = (here / "grades").glob("*bob*.html")
    for text in (index, page, odd.read_text()):
        assert "<script>" not in text and "<b>" not in text
    assert "&lt;script&gt;" in odd.read_text()
    assert json.loads((here / "grades" / "zoe" / "results.json").read_text())["score"] == 8


def test_an_earlier_grading_is_replaced_only_with_force(tiny, folder, here):
    assert call("grade", tiny.folder, folder, "--out", "grades.csv").exit_code == 0
    before = (here / "grades.csv").read_text()
    refused(call("grade", tiny.folder, folder, "--out", "grades.csv"), "already there: grades.csv and grades.",
            "--force")
    (folder / "zoe" / "t1.py").write_text(tiny.solution())
    result = call("grade", tiny.folder, folder, "--out", "grades.csv", "--force", "--json")
    content = json.loads(result.stdout)
    assert [one["earned"] for one in content["grades"]] == [10, 10, 0, 10] and content["table"] == "grades.csv"
    assert (here / "grades.csv").read_text() != before


def test_a_folder_that_is_no_grading_is_never_replaced(tiny, folder, here):
    (here / "grades").mkdir()
    (here / "grades" / "precious.txt").write_text("keep me")
    refused(call("grade", tiny.folder, folder, "--out", "grades.csv", "--force"), "not an earlier grading")
    assert (here / "grades" / "precious.txt").read_text() == "keep me"
    refused(call("grade", tiny.folder, folder, "--out", "grades.txt"), "must end in .csv")
    refused(call("grade", tiny.folder, "nowhere", "--out", "other.csv"), "nowhere: there is no such folder")
    assert not (here / "other").exists()


def test_grades_inside_the_folder_of_submissions_are_no_submissions(tiny, folder):
    words = ("grade", tiny.folder, folder, "--out", folder / "grades.csv")
    assert "4 submissions" in call(*words).stdout
    assert "4 submissions" in call(*words, "--force").stdout


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a process group")
@pytest.mark.parametrize("last, done", [("zoe.html", "4 of 5"), ("index.html", "")])
def test_interrupted_grading_says_what_is_done_and_writes_no_table(tiny, folder, here, last, done):
    """Interrupted while a submission hangs, or while the graders are still starting."""
    (folder / "zzz.py").write_text("while True: pass")
    program = subprocess.Popen([sys.executable, "-m", "minirearec_cli.main", "assignment", "grade", tiny.folder, folder,
                                "--out", "grades.csv", "--jobs", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    for _ in range(600):
        if (here / "grades" / last).exists():
            break
        time.sleep(0.1)
    time.sleep(0.5 if done else 0)  # a page is written just before it is counted
    os.killpg(program.pid, signal.SIGINT)  # as Ctrl-C does: everyone in the terminal's group gets it
    out, err = program.communicate(timeout=30)
    assert program.returncode == 130 and out == "", err
    assert done in err and "were graded; their pages are in grades. grades.csv was not written." in err
    assert "Traceback" not in err and not (here / "grades.csv").exists()
    assert "still running, or was interrupted" in (here / "grades" / "index.html").read_text()


def test_one_student_again_with_rules(tiny, folder, here):
    """Partial credit and other points come from a file, what is due from the command line."""
    words = ("grade", tiny.folder, folder, "--out", "grades.csv")
    (here / "grading.toml").write_text('[t1]\npartial = 0.5\npoints = {"1.1" = 5}\n')
    refused(call(*words, "--only", "zoe"), "no earlier grading to add to")
    assert call(*words, "--rules", "grading.toml").exit_code == 0
    (folder / "zoe" / "t1.py").write_text(tiny.solution() + "\ndef double(x): return 2 * x if x.ndim == 1 else x\n")
    result = call(*words, "--only", "zoe", "--due", "2001-01-01T00:00", "--late", "1/day")  # points as before
    assert result.exit_code == 0 and "4 submissions" in result.stdout
    rows = list(csv.reader((here / "grades.csv").read_text().splitlines()))
    assert rows[0] == ["student", "1.1", "1.2", "1.3", "late", "total", "out_of", "problem"]
    assert rows[1][1:7] == ["5", "3", "5", "0", "13", "13"] and rows[4][1:7] == ["2.5", "3", "5", "-10.5", "0", "13"]
    content = json.loads(call(*words, "--only", "zoe", "--json").stdout)
    assert {one["student"]: one["earned"] for one in content["grades"]}["zoe"] == 10.5, "what was due was for once"
    (here / "grading.toml").write_text('[t1]\npartial = 0.25\n')
    refused(call(*words, "--only", "zoe", "--rules", "grading.toml"), "had other points or another partial credit")
    refused(call(*words, "--only", "zoe", "--anonymous"), "the earlier grading shows names")


def test_submissions_inside_an_earlier_grading_are_never_replaced(tiny, folder, here):
    assert call("grade", tiny.folder, folder, "--out", "grades.csv").exit_code == 0
    inside = here / "grades" / "handed"
    shutil.copytree(folder, inside)
    again = call("grade", tiny.folder, inside, "--out", "grades.csv", "--force")
    refused(again, "is inside grades, which this grading would replace")
    assert (inside / "zoe" / "t1.py").exists()


@pytest.mark.parametrize("words, says", [
    (("--late", "10%"), "'10%' is not a policy; examples: note, zero, 10%/day"),
    (("--due", "soon"), "'soon' is not a time such as 2026-05-01T18:00"),
    (("--late", "zero"), "--late and --times need --due"), (("--times", "times.csv"), "--late and --times need --due"),
    (("--due", "2026-01-01T18:00", "--times", "times.csv"), "times.csv: cannot be read"),
    (("--rules", "grading.toml"), "grading.toml: cannot be read"), (("--only", "nobody"), "no earlier grading")])
def test_wrong_options(tiny, folder, words, says):
    refused(call("grade", tiny.folder, folder, "--out", "grades.csv", *words), says)


def test_notebooks_zips_copies_and_no_names(tiny, folder, here):
    text = tiny.solution().replace("return 2 * x", "y = np.asarray(x) * 1\n    for i in np.ndindex(y.shape):\n"
                                   "        y[i] = y[i] + x[i] if x[i] > -1e9 else 2 * y[i]\n    return y * 1")
    (folder / "kim.ipynb").write_text(notebook(text))
    put_zip(folder / "pat.zip", {"t1.py": text})
    result = call("grade", tiny.folder, folder, "--out", "grades.csv", "--anonymous", "--similarity", "--json")
    content = json.loads(result.stdout)
    assert sorted(one["earned"] for one in content["grades"]) == [0, 8, 10, 10, 10, 10]
    key = {row[1]: row[0] for row in csv.reader((here / "grades-names.csv").read_text().splitlines())}
    assert [sorted(pair["students"]) for pair in content["similar_pairs"]] == [sorted((key["kim"], key["pat"]))]
    assert content["names"] == "grades-names.csv" and "kim" not in (here / "grades.csv").read_text()
    assert (here / content["similar"]).exists()
