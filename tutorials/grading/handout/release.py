"""Release assignments: a course folder for nbgrader that also holds, as plain files, what students get."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment import finding
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.starting import starting_files, write_files
from minirearec_tutorials.grading.handout.notebook import student_notebook, teacher_notebook
from minirearec_tutorials.grading.marking.rules import FILE as RULES
from minirearec_tutorials.grading.marking.rules import HEAD, load, template

STUDENT, SOURCE, COURSE_CONFIG = "student", "source", "nbgrader_config.py"
COURSE = '''"""nbgrader's settings for this course. Run nbgrader in this folder; `nbgrader --help-all` lists them."""

c = get_config()
c.CourseDirectory.course_id = "minirearec"
# A cell that runs longer than this many seconds is interrupted, and earns nothing.
c.ExecutePreprocessor.timeout = 60
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
'''


def student_files(item: Assignment) -> dict[str, str]:
    """Return what students get, by file name: what ``assignment start`` writes, and the notebook."""
    return {**starting_files(item), f"{item.name}.ipynb": student_notebook(item)}


def files(items: Iterable[Assignment]) -> dict[str, str]:
    """Return all files of a release by their path in the course folder. Only ``student`` is for students."""
    found = {}
    for item in items:
        found |= {f"{STUDENT}/{item.name}/{name}": text for name, text in student_files(item).items()}
        found[f"{SOURCE}/{item.name}/{item.name}.ipynb"] = teacher_notebook(item)
    return found


def release(items: Iterable[Assignment], out: Path, force: bool = False) -> list[Path]:
    """Write these assignments into a course folder, with nbgrader_config.py if missing; return the paths.

    grading.toml gets a table for each that it lacks. The points that it has are those of the texts and notebooks.

    Raises ConfigError, before anything is written, when a file already exists and not ``force``, and for an assignment
    outside of the package: notebooks and tests find theirs by name.
    """
    items, out = list(items), Path(out)
    for item in items:
        if not finding.has_a_name(item):
            raise ConfigError("notebooks and tests find their assignment by name, and it is not where they look",
                              str(item.folder), f"Move it into {finding.FOLDER}, here and where it is graded.")
    rules = out / RULES
    if rules.exists():
        items = [load(rules, item).applied(item) for item in items]
    texts = {out / place: text for place, text in files(items).items()}
    there = [str(path) for path in texts if path.exists()]
    if there and not force:
        others = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ConfigError(f"already there: {there[0]}{others}", str(out),
                          "Choose another folder, or use --force to replace them.")
    if not (out / COURSE_CONFIG).exists():
        texts[out / COURSE_CONFIG] = COURSE
    before = rules.read_text(encoding="utf-8-sig") if rules.exists() else HEAD
    if new := [item for item in items if item.name not in tomllib.loads(before)]:
        texts[rules] = template(new, before.rstrip("\n") + "\n")
    return write_files(texts)
