"""Data sets that are prepared from several files: finding the files, getting them, keeping the outcome.

The outcome is a compact directory that has the data set's name, in one of the data folders. Without one the data
set is prepared in memory from its files, when these are there.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minirearec.data.catalogue.cards import Card, Part
from minirearec.data.catalogue.recipes import prepare
from minirearec.data.sequences import SequenceData
from minirearec.data.files.folder import is_dataset, load_directory, save
from minirearec.errors import DownloadError


def find_prepared(card: Card, folders: list[Path]) -> Path | None:
    """The first directory with the prepared data set."""
    return next((folder / card.name for folder in folders if is_dataset(folder / card.name)), None)


def find_parts(card: Card, folders: list[Path]) -> dict[str, Path]:
    """The files that are there, by role; a file that comes compressed may be there unpacked."""
    found = {}
    for part in card.parts:
        names = (part.filename, part.filename.removesuffix(".gz"))
        path = next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)
        if path is not None:
            found[part.role] = path
    return found


def missing_parts(card: Card, files: dict[str, Path]) -> list[Part]:
    """Files that a recipe needs and that are not there."""
    return [part for part in card.parts if part.role not in files and not part.optional]


def load_prepared(card: Card, folders: list[Path]) -> SequenceData | None:
    """The data set from its directory, or prepared in memory from its files, or None when files are missing."""
    directory = find_prepared(card, folders)
    if directory is not None:
        return load_directory(directory)
    files = find_parts(card, folders)
    return None if missing_parts(card, files) else prepare(card, check_parts(card, files))


def check_parts(card: Card, files: dict[str, Path]) -> dict[str, Path]:
    """The files. Raises DataError for one that has not the sha256 of the card, where that is known."""
    from minirearec.data.catalogue.download import file_sha256
    from minirearec.data.files.text import wrong_sha256

    for part in card.parts:
        if part.sha256 and part.role in files and (got := file_sha256(files[part.role])) != part.sha256:
            raise wrong_sha256(files[part.role], replace(card, sha256=part.sha256), got)
    return files


def fetch_prepared(card: Card, folders: list[Path], download: Callable, progress=None,
                   any_version: bool = False) -> Path:
    """Download what is missing to the first folder, prepare the data set and keep it there: its directory.

    Raises DownloadError, naming the files, when some are to be had by hand only.
    """
    directory = find_prepared(card, folders)
    if directory is not None:
        return directory
    files = find_parts(card, folders)
    refuse_by_hand(card, files, folders)
    for part in card.parts:
        if part.role in files or not part.urls:
            continue
        one = replace(card, filename=part.filename, urls=part.urls, sha256=part.sha256)
        try:
            files[part.role] = download(one, folders[0], progress)
        except DownloadError:
            if not part.optional:
                raise
    return save(prepare(card, check_parts(card, files), any_version), folders[0] / card.name)


def refuse_by_hand(card: Card, files: dict[str, Path], folders: list[Path]) -> None:
    """Raise DownloadError for files that are missing and have no address."""
    by_hand = [part.filename for part in missing_parts(card, files) if not part.urls]
    if by_hand:
        raise DownloadError(f"cannot be downloaded without you: {' and '.join(by_hand)} not in "
                            f"{' or '.join(map(str, folders))}", f"data set {card.name}", f"By hand: {card.by_hand}.")


def nothing_there(card: Card, files: dict[str, Path], folders: list[Path]) -> DownloadError:
    """The error when files are missing and nothing may be downloaded."""
    names = ", ".join(part.filename for part in missing_parts(card, files))
    return DownloadError(f"is not in {' or '.join(map(str, folders))}, nor are its files ({names}), and downloading is off",
                         f"data set {card.name}", f"Download it, or by hand: {card.by_hand}.")
