"""Opening a run for a command that reads it."""

import shutil


def test_a_run_without_results_is_told(finished, minirearec, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "results.json").unlink()
    for words in (("evaluate", run), ("analyze", run),
                  ("export", run, "--to", "numpy", "-o", tmp_path / "served")):
        shown = minirearec(*words)
        assert shown.exit_code == 0 and f"Note: {run} has no results yet" in shown.stderr
    assert "Note" not in minirearec("evaluate", finished).stderr
