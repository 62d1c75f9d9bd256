"""The tests that a student's folder has."""

import subprocess
import sys

from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.assignment.starting import start


def test_the_tests_of_the_folder_run_under_pytest(tmp_path):
    item = assignment("a2")
    start(item, tmp_path / "a2")
    wrong = next(wrong for wrong in item.wrong if wrong.fails == ("2.3",))
    (tmp_path / "a2" / "a2.py").write_text(item.wrong_submission(wrong))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path / "a2",
                          text=True, capture_output=True)
    assert "1 failed, 5 passed" in done.stdout and "test_task[2.3]" in done.stdout, done.stdout + done.stderr
    assert "Hint: " in done.stdout and "Traceback" not in done.stdout
    assert not (tmp_path / "a2" / ".hypothesis").exists()
