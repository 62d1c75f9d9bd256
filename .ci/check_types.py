"""Check the types of the whole code: ``python .ci/check_types.py``, in the environment it is installed in.

Three packages have other names than their folders (``cli`` is installed as ``minirearec_cli``), and a type checker
cannot follow the mapping of an editable installation. So this script links each under its name in build/types, where
pyproject.toml sends basedpyright to look.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Lay out the packages, run basedpyright and return its exit code."""
    links = ROOT / "build" / "types"
    links.mkdir(parents=True, exist_ok=True)
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for package, folder in pyproject["tool"]["setuptools"]["package-dir"].items():
        link = links / package
        if package != folder and not link.is_symlink():
            link.symlink_to(Path("..", "..", folder), target_is_directory=True)
    return subprocess.run([sys.executable, "-m", "basedpyright", "--project", "pyproject.toml",
                           "--pythonpath", sys.executable], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
