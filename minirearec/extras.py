"""How to install what an extra of the package needs, in a command that works however the package was installed."""

import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires


def install(extra: str, package: str = "") -> str:
    """Return ``python -m pip install ...`` with the requirements of an extra, or else with a package.

    miniReaRec itself is on no index.
    """
    try:
        known = requires("minirearec") or []
    except PackageNotFoundError:  # run from a folder that was never installed
        known = []
    wanted = [line.partition(";")[0].strip() for line in known if re.search(rf"extra == ['\"]{extra}['\"]", line)]
    return shlex.join([sys.executable, "-m", "pip", "install", *(wanted or [package] * bool(package))])
