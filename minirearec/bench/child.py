"""Run one part in this process: ``python -m minirearec.bench.child`` reads a job and writes lines of JSON.

The job comes from ``session`` on stdin. Every case is one line on stdout as soon as it is measured. An error that the
user can fix is a line too; any other ends the process with its traceback.
"""

import json
import sys

from minirearec.bench.parts import PARTS, Job
from minirearec.config import Config
from minirearec.data import load
from minirearec.errors import MiniReaRecError


def lines(job: dict):
    """Yield what a part finds, as plain values."""
    data = load(job["where"], job["data_dir"], download=False, require_real=not job["synthetic"])
    settings = {name: job[name] for name in ("backend", "device", "quick", "full_epoch", "run")}
    yield from PARTS[job["part"]](Job(Config.from_dict(job["config"]), data, **settings))


def main() -> None:
    """Read a job from stdin and write its lines to stdout."""
    job = json.load(sys.stdin)
    try:
        for line in lines(job):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
    except MiniReaRecError as error:
        sys.stdout.write(json.dumps({"error": [error.what, error.where, error.fix]}) + "\n")
    except KeyboardInterrupt:  # the terminal interrupts both processes; ``session`` says so
        sys.exit(130)


if __name__ == "__main__":
    main()
