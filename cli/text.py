"""Format figures, times, names and curves as short texts."""

import math
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from minirearec.config import ModelConfig
from minirearec.methods import METHODS
from minirearec.text import epochs as epochs
from minirearec.text import one_line

BARS = "▁▂▃▄▅▆▇█"
ABOUT_RUNS = ("train", "evaluate", "recommend")  # commands that need the plugins and the data of a run


def figure(value: float) -> str:
    """Return a metric as papers print it: ``.0528``."""
    return f"{value:.4f}".removeprefix("0")


def duration(seconds: float) -> str:
    """Return ``0:05``, ``12:34`` or ``1:02:03``, rounded up."""
    minutes, seconds = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def size(count: float) -> str:
    """Return a number of bytes as ``1.4 MB``."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def model_name(results: dict) -> str:
    """Return ``prl, bert4rec, K = 2, seed 0``."""
    method = METHODS.get(results["method"])
    if method and not method.neural:
        kind = results["settings"].get("counting", {}).get("counts")  # earlier results lack it
        return f"{method.name}, {kind}" if kind else method.name
    model = results["settings"]["model"]
    return ", ".join([results["method"], *parts_of(model), f"K = {model['steps']}", f"seed {results['seed']}"])


def parts_of(model: dict) -> list[str]:
    """Return the parts of a model that are not the usual ones; a reasoner only if there are steps."""
    usual = {"backbone": ModelConfig.backbone, "items": ModelConfig.items, "reasoner": ModelConfig.reasoner}
    chosen = [model.get(name, part) for name, part in usual.items() if name != "reasoner" or model["steps"]]
    return [part for part in chosen if part not in usual.values()]


def data_name(data: dict) -> str:
    """Return the data set's name, marked if the data set is synthetic."""
    return one_line(data["name"]) + " (SYNTHETIC DATA)" * data["synthetic"]


def program() -> str:
    """Return what starts this program at this prompt: its name, or its path where the environment is not active."""
    typed, found = Path(sys.argv[0]), shutil.which("minirearec")
    if typed.name == "minirearec" and not (found and os.path.exists(typed) and os.path.samefile(found, typed)):
        return shlex.quote(str(typed))
    if typed.parts[-2:] == ("minirearec", "__main__.py") and found is None:
        return shlex.join([sys.executable, "-m", "minirearec"])
    return "minirearec"


def command(*words) -> str:
    """Return a command that can be copied into a shell; one about a run also names loaded plugins and --data-dir."""
    about, here, context = words[0] in ABOUT_RUNS, Path.cwd(), click.get_current_context(silent=True)
    plugins, folder = sys.modules.get("minirearec.plugins") if about else None, None
    if about and context and context.get_parameter_source("data_dir") is ParameterSource.COMMANDLINE:
        folder = context.params["data_dir"]
    needed = [word for path in (plugins.loaded() if plugins else ())
              for word in ("--plugin", path.relative_to(here) if path.is_relative_to(here) else path)]
    needed += ["--data-dir", folder] if folder is not None else []
    return f"{program()} {shlex.join(map(str, (*words, *needed)))}"


def typeable(message: str, commands: Iterable[str]) -> str:
    """Return a message of the library in which commands start as they do at this prompt."""
    return re.sub(rf"(?<!-m )\bminirearec (?=(?:{'|'.join(commands)})\b)", lambda _: f"{program()} ", message)


def sparkline(values: Sequence[float], width: int) -> tuple[str, list[int]]:
    """Return a curve of at most ``width`` characters, and the position of each value in it.

    If several values share a character, it shows the highest.
    """
    place = [index * min(width, len(values)) // len(values) for index in range(len(values))]
    columns: dict[int, float] = {}
    for column, value in zip(place, values, strict=True):
        columns[column] = max(value, columns.get(column, value))
    low, high = min(columns.values()), max(columns.values())
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] for value in columns.values()), place
