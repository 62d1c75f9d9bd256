"""Make the environment of a peer, with the versions that work together: python tests/peers/make_env.py rectools

Each needs one of its own: RecTools and RecBole want an older NumPy than ours. Versions are pinned: with an open range
pip may fetch gigabytes for graphics cards. RecBole3.0 is not on the package index; we try its repository.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "build" / "peers"
TORCH = "torch==2.13.0"
PACKAGES = {
    "rectools": [TORCH, "rectools[torch]==0.19.0", "pytorch-lightning==2.5.2", "numpy==1.26.4", "pandas==2.3.3"],
    "recbole": [TORCH, "recbole==1.2.1", "numpy==1.26.4", "pandas==2.3.3"],
    "recbole3": [TORCH, "recbole3 @ git+https://github.com/RUCAIBox/RecBole3.0"],
}


def python_of(peer: str) -> Path:
    """Return the path of a peer's Python, whether or not it exists."""
    return ENVIRONMENTS / peer / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(peer: str) -> str:
    """Make the environment of a peer unless it is complete; return what pip says last if it cannot be made."""
    complete = ENVIRONMENTS / peer / "complete"
    if complete.exists():
        return ""
    venv.create(ENVIRONMENTS / peer, with_pip=True, clear=True)
    words = [str(python_of(peer)), "-m", "pip", "install", "--quiet", "--no-input", *PACKAGES[peer]]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"})
    if done.returncode:
        reasons = [line.strip() for line in done.stderr.splitlines() if line.strip().startswith(("fatal:", "ERROR:"))]
        return reasons[0] if reasons else f"pip ended with exit code {done.returncode}"
    complete.touch()
    return ""


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PACKAGES:
        sys.exit(f"usage: make_env.py {'|'.join(PACKAGES)}")
    sys.exit(make(sys.argv[1]) or 0)
