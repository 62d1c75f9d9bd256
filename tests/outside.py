"""Files that are kept outside the repository: tests that need one skip where it is missing, and say so."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def needs(path: Path) -> Path:
    """Return the path, or skip the test and say which file is missing."""
    if not path.exists():
        pytest.skip(f"needs {path.relative_to(SHARED.parent)}, kept outside the repository and not found here")
    return path
