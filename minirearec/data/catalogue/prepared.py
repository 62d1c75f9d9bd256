"""Data sets that are prepared from several files: finding the files, getting them, keeping the outcome.

The outcome is a directory with the name of the data set, in one of the data folders. Without one the data
set is prepared in memory from its files, when these are there.
"""

import os
from pathlib import Path

from minirearec.data.catalogue.cards import Card
from minirearec.data.catalogue.download import download
from minirearec.data.catalogue.recipes import prepare
from minirearec.data.files.folder import is_dataset, load_directory, save
from minirearec.data.files.remote import RemoteFile
from minirearec.data.sequences import SequenceData
from minirearec.errors import DownloadError


def find_prepared(card: Card, folders: list[Path]) -> Path | None:
    """Return the first directory with the prepared data set."""
    return next((folder / card.name for folder in folders if is_dataset(folder / card.name)), None)


def find_parts(card: Card, folders: list[Path]) -> dict[str, Path]:
    """Return the files that are there, by role; a compressed file may be there unpacked."""
    found = {}
    for part in card.parts:
        names = (part.filename, part.filename.removesuffix(".gz"))
        path = next((folder / name for folder in folders for name in names if os.path.isfile(folder / name)), None)
        if path is not None:
            found[part.role] = path
    return found


def missing_parts(card: Card, files: dict[str, Path]) -> list[RemoteFile]:
    """Return the files that a recipe needs and that are not there."""
    return [part for part in card.parts if part.role not in files and not part.optional]


def load_prepared(card: Card, folders: list[Path]) -> SequenceData | None:
    """Load the data set from its directory, or prepare it in memory; return None when files are missing."""
    directory = find_prepared(card, folders)
    if directory is not None:
        return load_directory(directory)
    files = find_parts(card, folders)
    return None if missing_parts(card, files) else prepare(card, check_parts(card, files), folder=folders[0])


def check_parts(card: Card, files: dict[str, Path]) -> dict[str, Path]:
    """Return the files. Raises DataError for one whose sha256 is known and another."""
    for part in card.parts:
        if part.role in files:
            part.check(files[part.role])
    return files


def fetch_prepared(card: Card, folders: list[Path], progress=None, any_version: bool = False) -> Path:
    """Download what is missing to the first folder, prepare the data set and keep it there; return its directory.

    Raises DownloadError, naming the files, when some can only be got by hand.
    """
    directory = find_prepared(card, folders)
    if directory is not None:
        return directory
    files = find_parts(card, folders)
    refuse_by_hand(card, files, folders)
    for part in card.parts:
        if part.role in files or not part.urls:
            continue
        try:
            files[part.role] = download(part, folders[0], progress)
        except DownloadError:
            if not part.optional:
                raise
    data = prepare(card, check_parts(card, files), any_version, folders[0])
    return save(data, folders[0] / card.name)


def refuse_by_hand(card: Card, files: dict[str, Path], folders: list[Path]) -> None:
    """Raise DownloadError for files that are missing and have no address."""
    by_hand = [part.filename for part in missing_parts(card, files) if not part.urls]
    if by_hand:
        raise DownloadError(f"cannot be downloaded without you: {' and '.join(by_hand)} not in "
                            f"{' or '.join(map(str, folders))}", f"data set {card}", f"By hand: {card.by_hand}.")


def not_here(card: Card, files: dict[str, Path], folders: list[Path]) -> DownloadError:
    """Return the error for files that are missing while downloading is off."""
    names = ", ".join(part.filename for part in missing_parts(card, files))
    return DownloadError(f"is not in {' or '.join(map(str, folders))}, nor are its files ({names}), and downloading "
                         "is off", f"data set {card}", f"Download it, or by hand: {card.by_hand}.")
