"""The folders in which data are looked for, and what is found there."""

import os
from pathlib import Path

from minirearec.data.catalogue.cards import Card, card
from minirearec.errors import DataError

DATA_VARIABLE = "MINIREAREC_DATA"


def cache_folder() -> Path:
    """Return the user's cache folder, where downloads go when no folder is named."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("minirearec"))


def data_folders(data_dir=None) -> list[Path]:
    """Return where data files are looked for, in order: ``data_dir``, MINIREAREC_DATA, the user's cache.

    Downloads go to the first of them.
    """
    named = [data_dir, os.environ.get(DATA_VARIABLE)]
    return list(dict.fromkeys([Path(os.path.expanduser(folder)) for folder in named if folder] + [cache_folder()]))


def find(name: str | Card, data_dir=None) -> Path | None:
    """Return the file of a data set, from the first folder that has it, or None.

    Raises DataError for an unknown data set and for a folder that cannot be searched.
    """
    file = card(name).file
    if file is None:
        return None
    for folder in data_folders(data_dir):
        try:
            if (folder / file.filename).exists():
                return folder / file.filename
        except OSError as error:
            raise DataError(f"cannot be searched: {error.strerror}", str(folder),
                            f"Check its permissions, or choose another with --data-dir or {DATA_VARIABLE}.") from error
    return None
