"""Whether a data set is on this machine."""

from pathlib import Path

from minirearec.data.catalogue.cards import Card, card
from minirearec.data.catalogue.folders import data_folders, find
from minirearec.data.catalogue.loading import load
from minirearec.data.catalogue.prepared import check_parts, find_parts, find_prepared, missing_parts
from minirearec.data.sequences import SequenceData
from minirearec.errors import DataError, MiniReaRecError

WRONG = "found, with a wrong sha256"
NOT_HERE = "not here; downloaded on first use"
QUICK = 2**25  # bytes of files from which a data set is prepared in about a second


def state(name: str | Card, data_dir=None) -> tuple[str, Path | None]:
    """Return whether a data set is here, in words, and where. Files are read to compare their sha256, if known."""
    chosen = card(name)
    if chosen.synthetic:
        return "generated on demand", None
    if chosen.parts:
        return _state_of_parts(chosen, data_folders(data_dir))
    path = find(chosen, data_dir)
    if path is None or chosen.file is None:
        return NOT_HERE, None
    try:
        chosen.file.check(path)
    except DataError:
        return WRONG, path
    return "found", path


def _state_of_parts(chosen: Card, folders: list[Path]) -> tuple[str, Path | None]:
    path = find_prepared(chosen, folders)
    if path is not None:
        return "found, prepared", path
    files = find_parts(chosen, folders)
    missing = missing_parts(chosen, files)
    if not missing:
        first = next(iter(files.values()))
        try:
            check_parts(chosen, files)
        except DataError:
            return WRONG, first
        return "its files are here", first.parent
    by_hand = [part.filename for part in missing if not part.urls]
    return (f"not here; needs {' and '.join(by_hand)}, by hand" if by_hand else NOT_HERE), None


def at_hand(name: str | Card, data_dir=None) -> SequenceData | None:
    """Return a data set that is here and opens in a moment; None for others, damaged and synthetic ones."""
    chosen, folders = card(name), data_folders(data_dir)
    if chosen.synthetic:
        return None
    try:
        if find_prepared(chosen, folders) is None and sum(
                path.stat().st_size for path in find_parts(chosen, folders).values()) > QUICK:
            return None
        return load(chosen, data_dir, download=False, require_real=True)
    except (MiniReaRecError, OSError):
        return None
