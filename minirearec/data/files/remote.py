"""A file that can be downloaded, and how to tell that the file at hand is the right one."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from minirearec.data.files.lines import unreadable
from minirearec.errors import DataError
from minirearec.plain import open_plain


@dataclass(frozen=True)
class RemoteFile:
    """A file of a data set: its name, its addresses and its sha256."""

    filename: str
    urls: tuple[str, ...] = ()  # mirrors of the same bytes, tried in turn; empty: it can only be got by hand
    sha256: str = ""  # empty: not known
    optional: bool = False
    role: str = ""  # what it is to a recipe, such as "train"; empty for the only file of a data set
    dataset: str = ""  # the name of its data set
    by_hand: str = ""  # how to get it without a download

    def check(self, path: Path) -> None:
        """Raise DataError when the file at ``path`` has another sha256. Any file passes when none is known."""
        try:
            got = file_sha256(path) if self.sha256 else ""
        except OSError as error:
            raise unreadable(path, error) from error
        if got != self.sha256:
            raise self.mismatch(path, got)

    def mismatch(self, path: Path, got: str) -> DataError:
        """Return the error for a file of this name with the sha256 ``got``."""
        return DataError(
            f"wrong sha256: expected {self.sha256}, got {got}", str(path),
            f"The file is damaged or is another version of {self.dataset}. Delete or move it to have it downloaded "
            "again, or give its path as the data set to use it as it is.")


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
