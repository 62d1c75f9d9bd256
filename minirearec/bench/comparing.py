"""Compare a benchmark with an older one of the same work."""

import json
from pathlib import Path

from minirearec.bench.session import FORMAT
from minirearec.config import Config
from minirearec.errors import BenchError, MiniReaRecError

MACHINE = ("processor", "device", "cores", "threads", "precision", "platform")


def read(path: Path | str) -> dict:
    """Read what ``minirearec bench --json`` wrote. Raises BenchError when the file holds something else."""
    try:
        if not Path(path).is_file():
            raise ValueError("there is no such file")
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if found["bench"] != FORMAT:
            raise ValueError(f"its format is {found['bench']!r}, not {FORMAT}")
        Config.from_dict(found["settings"])
        measured = [case["seconds"]["median"] for case in found["cases"].values()]
        measured += [count for count in found["memory"].values() if count is not None]
        texts = [found["data"]["name"], found["data"]["sha256"], found["backend"]]
        if not all(type(value) in (int, float) and value > 0 for value in measured):
            raise ValueError("a measured value is not a positive number")
        if not all(isinstance(value, str) for value in texts) or not isinstance(found["machine"]["versions"], dict):
            raise ValueError("it is incomplete")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, MiniReaRecError) as error:
        raise BenchError(f"not a result of minirearec bench ({error})", str(path),
                         "Make one with: minirearec bench -o FILE") from error
    return found


def same_work(new: dict, old: dict, where: str) -> None:
    """Raise BenchError unless both measured the same data with the same settings and backend (``session.work_of``).

    A setting that the older version did not have counts as its default.
    """
    different = [f"backend ({old['backend']})"] if new["backend"] != old["backend"] else []
    if new["data"]["sha256"] != old["data"]["sha256"]:
        different.append(f"data ({old['data']['name']})")
    ours, theirs = (Config.from_dict(one["settings"]).to_dict() for one in (new, old))
    different += [f"{name} ({theirs[section][name]!r} there, {value!r} here)" for section, values in ours.items()
                  for name, value in values.items() if theirs[section][name] != value]
    if different:
        raise BenchError(f"it measured other work; different: {', '.join(different)}", where,
                         "Compare with a result of the same data and settings.")


def differences(new: dict, old: dict) -> list[str]:
    """Return what differs besides the code: facts of the machine and versions, and how much was sampled."""
    pairs = [(name, old["machine"].get(name), new["machine"].get(name)) for name in MACHINE]
    theirs, ours = (one["machine"].get("versions", {}) for one in (old, new))
    pairs += [(name, theirs.get(name), ours.get(name)) for name in ("python", "torch", "numpy")]
    pairs += [(name, old.get(name), new.get(name)) for name in ("quick", "full_epoch")]
    return [f"{name}: {before} before, {now} now" for name, before, now in pairs if before != now]
