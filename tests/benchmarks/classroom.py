"""Grade a class of 40 mixed submissions from the command line: time, lines, points, and who copied from whom.

    python tests/benchmarks/classroom.py [--jobs 2]

The class is that of tests/tutorials/classroom: files, notebooks, zips, names of Moodle and Canvas, hostile ones, some
handed in twice. Prints one JSON object; exits with 1 when a line or a pair is wrong.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.tutorials.classroom.building import COPIES, build


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    jobs = parser.parse_args().jobs
    with tempfile.TemporaryDirectory() as folder:
        expected = build(Path(folder) / "submissions")
        words = ["assignment", "grade", "a2", f"{folder}/submissions", "--out", f"{folder}/grades.csv", "--similarity",
                 "--jobs", str(jobs), "--json"]
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "minirearec_cli.main", *words], capture_output=True, text=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        content = json.loads(done.stdout)
    grades = {one["student"]: one for one in content["grades"]}
    wrong = [name for name, one in expected.items()
             if name not in grades or grades[name]["earned"] != one.points
             or one.says not in f"{grades[name]['problem']}; {grades[name]['note']}"]
    pairs = {tuple(pair["students"]) for pair in content["similar_pairs"]}
    print(json.dumps({"submissions": len(expected), "lines": len(content["grades"]), "jobs": jobs,
                      "seconds": round(seconds, 1), "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
                      "wrong_lines": wrong, "pairs": sorted(pairs), "copies_found": len(pairs & COPIES),
                      "others_accused": len(pairs - COPIES)}, indent=1))
    return int(bool(wrong) or pairs != COPIES or len(content["grades"]) != len(expected))


if __name__ == "__main__":
    sys.exit(main())
