"""Read a zip that was handed in, without unpacking it: nothing is written, so a path in it can lead nowhere.

A zip may claim any size, so it is read up to a limit; links, encrypted members and rare compressions are refused.
"""

import stat
import zipfile
import zlib
from pathlib import Path

LARGEST_ZIP = 10_000_000  # bytes
MOST_MEMBERS = 2000
ENCRYPTED = 0x1  # flag of a member
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Python unpacks others without a limit


def members(path: Path) -> list[str]:
    """Return the names of the files in a zip, in its order. Raises ValueError for what is not a zip, OSError."""
    with _opened(path) as archive:
        return list(dict.fromkeys(info.filename for info in archive.infolist() if not info.is_dir()))


def content(path: Path, member: str, limit: int) -> bytes:
    """Return up to ``limit`` bytes of a file in a zip. Raises ValueError for one that is not plain, OSError."""
    with _opened(path) as archive:
        try:
            info = archive.getinfo(member)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise ValueError("is a link")
            if info.flag_bits & ENCRYPTED:
                raise ValueError("is encrypted; hand in a zip without a password")
            if info.compress_type not in METHODS:
                raise ValueError("is compressed in an unusual way; make an ordinary zip")
            with archive.open(info) as file:
                return file.read(limit)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
            raise ValueError(f"cannot be unpacked ({error})") from None


def _opened(path: Path) -> zipfile.ZipFile:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("is not a file")
    if found.st_size > LARGEST_ZIP:
        raise ValueError(f"is larger than {LARGEST_ZIP / 1e6:g} MB; hand in only the file that you wrote")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise ValueError(f"is not a zip ({error})") from None
    if len(archive.infolist()) > MOST_MEMBERS:
        archive.close()
        raise ValueError(f"holds more than {MOST_MEMBERS} files; hand in only the file that you wrote")
    return archive
