"""A student's own folder: made, and found again."""

from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment


def begin(item: Assignment, folder: Path) -> list[Path]:
    """Write the files a student starts with; the one to fill in is the first, the text the second.

    Raises ConfigError, before anything is written, when one of them is there already.
    """
    files = {folder / name: text for name, text in item.student_files().items()}
    there = [str(path) for path in files if path.exists() or path.is_symlink()]
    if there:
        raise ConfigError(f"already there: {', '.join(there)}", fix="Nothing was written. Choose another folder with --out, "
                          "or move your files away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or folder)) from error
    return list(files)


def own_file(item: Assignment, file: str | None = None, here: Path = Path()) -> Path:
    """The student's file: the one that is named, or the one that is here. Raises ConfigError when there is none."""
    if file is not None:
        path = Path(file).expanduser()
        if not path.is_file():
            raise ConfigError("there is no such file", str(path))
        return path
    for path in (here / item.name / item.file, here / item.file):
        if path.is_file():
            return path
    raise ConfigError(f"there is neither {item.name}/{item.file} nor {item.file} here", fix=
                      f"Name your file with --file, or begin with: minirearec assignment start {item.name}")
