"""Start an assignment in a student's own folder, and find the student's file again."""

from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.finding import has_a_name

TEST_FILE = '''\
"""The tasks of assignment {name} as tests: run this file, or ``minirearec assignment check {name}``."""

import unittest
from pathlib import Path

from minirearec_tutorials.grading.handout.unit_tests import tests_of

Tests = tests_of("{name}", Path(__file__).with_name("{name}.py"))

if __name__ == "__main__":
    unittest.main()
'''


def starting_files(item: Assignment) -> dict[str, str]:
    """Return the files a student starts with, by name: the stub, the text, and tests.

    The tests find their assignment by name, so an assignment outside of the package has none.
    """
    tests = {f"test_{item.file}": TEST_FILE.format(name=item.name)} if has_a_name(item) else {}
    return {item.file: item.stub(), "README.md": item.text(), **tests}


def start(item: Assignment, folder: Path) -> list[Path]:
    """Write the files a student starts with; the first is the one to fill in, the second is the text.

    Raises ConfigError, before anything is written, when one of them already exists.
    """
    files = {folder / name: text for name, text in starting_files(item).items()}
    there = [str(path) for path in files if path.exists() or path.is_symlink()]
    if there:
        raise ConfigError(f"already there: {', '.join(there)}",
                          fix="Nothing was written. Choose another folder with --out, or move your files away.")
    return write_files(files)


def write_files(texts: dict[Path, str]) -> list[Path]:
    """Write files, each whole or not at all, and return their paths. Raises ConfigError when one cannot be written."""
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, text.encode())
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", str(path)) from error
    return list(texts)


def own_file(item: Assignment, file: str | None = None, here: Path = Path()) -> Path:
    """Return the student's file: the one named, or the one found here. Raises ConfigError when there is none."""
    if file is not None:
        path = Path(file).expanduser()
        if not path.is_file():
            raise ConfigError("is a folder" if path.is_dir() else "there is no such file", str(path),
                              "Name your file with --file.")
        return path
    for path in (here / item.name / item.file, here / item.file):
        if path.is_file():
            return path
    raise ConfigError(f"there is neither {item.name}/{item.file} nor {item.file} here",
                      fix=f"Name your file with --file, or start with: minirearec assignment start {item.name}")
