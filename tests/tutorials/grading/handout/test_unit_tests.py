"""The tests that a student's folder has: they need nothing that students were not told to install."""

import subprocess
import sys

import pytest

from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.assignment.starting import start

WITHOUT = "import sys; sys.modules['pytest'] = sys.modules['_pytest'] = None; import runpy; " \
    "sys.argv = ['test_a2.py']; runpy.run_path('test_a2.py', run_name='__main__')"


@pytest.mark.parametrize("words, says", [
    (("-c", WITHOUT), ("Ran 6 tests", "FAILED (failures=1)")), (("-m", "unittest"), ("Ran 6 tests",)),
    (("-m", "pytest", "-q", "-p", "no:cacheprovider"), ("1 failed, 5 passed",))],
    ids=["Python without pytest", "unittest", "pytest"])
def test_the_tests_of_the_folder_run(tmp_path, words, says):
    item = assignment("a2")
    start(item, tmp_path / "a2")
    wrong = next(wrong for wrong in item.wrong if wrong.fails == ("2.3",))
    (tmp_path / "a2" / "a2.py").write_text(item.wrong_submission(wrong))
    done = subprocess.run([sys.executable, *words], cwd=tmp_path / "a2", text=True, capture_output=True)
    printed = done.stdout + done.stderr
    assert done.returncode == 1 and all(words in printed for words in says), printed
    assert "test_2_3_masked_softmax" in printed and "Hint: " in printed
    assert "unit_tests.py" not in printed and "grader.py" not in printed
    assert not (tmp_path / "a2" / ".hypothesis").exists()
