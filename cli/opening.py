"""Open a run for a command that reads it."""

from rich.console import Console

from minirearec.runs.checkpoint import LAST
from minirearec.runs.directory import Run
from minirearec_cli.console import say


def open_run(path, notices: Console) -> Run:
    """Open a run, and say so if its training may have been interrupted."""
    run = Run.open(path)
    if run.has(f"{LAST}.safetensors") and not run.has("results.json"):
        say(notices, f"Note: {run.path} has no results yet; the best of its epochs so far is used")
    return run
