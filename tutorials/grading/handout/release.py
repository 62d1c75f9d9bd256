"""Releasing assignments: a folder that is a course of nbgrader, and holds what students get as plain files too."""

from collections.abc import Iterable
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import FOLDER, Assignment
from minirearec_tutorials.grading.handout.notebook import student_notebook, teacher_notebook

STUDENT, SOURCE, COURSE_CONFIG = "student", "source", "nbgrader_config.py"
COURSE = '''"""nbgrader's settings for this course. Run nbgrader in this folder; `nbgrader --help-all` lists them."""

c = get_config()
c.CourseDirectory.course_id = "minirearec"
# A cell that runs longer than this many seconds is interrupted, and earns nothing.
c.ExecutePreprocessor.timeout = 60
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
'''


def student_files(item: Assignment) -> dict[str, str]:
    """What students get, by file name: what ``assignment start`` writes, and the notebook."""
    return {**item.student_files(), f"{item.name}.ipynb": student_notebook(item)}


def files(items: Iterable[Assignment]) -> dict[str, str]:
    """All files of a release by their place in the course folder. Only those under ``student`` are for students."""
    found = {}
    for item in items:
        found |= {f"{STUDENT}/{item.name}/{name}": text for name, text in student_files(item).items()}
        found[f"{SOURCE}/{item.name}/{item.name}.ipynb"] = teacher_notebook(item)
    return found


def release(items: Iterable[Assignment], out: Path, force: bool = False) -> list[Path]:
    """Write the files of these assignments into a course folder, and nbgrader_config.py if there is none; say which.

    Raises ConfigError, before anything is written, when a file is there already and not ``force``, and for an
    assignment outside of the package: notebooks and tests find theirs by name.
    """
    items, out = list(items), Path(out)
    for item in items:
        if item.folder.parent != FOLDER:
            raise ConfigError("notebooks and tests find their assignment by name, and it is not where they look",
                              str(item.folder), f"Move it into {FOLDER}, here and where it is graded.")
    texts = {out / place: text for place, text in files(items).items()}
    there = [str(path) for path in texts if path.exists()]
    if there and not force:
        others = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ConfigError(f"already there: {there[0]}{others}", str(out),
                          "Choose another folder, or use --force to write them anew.")
    if not (out / COURSE_CONFIG).exists():
        texts[out / COURSE_CONFIG] = COURSE
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", str(path)) from error
    return list(texts)
