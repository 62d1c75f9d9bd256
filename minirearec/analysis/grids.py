"""Grids of settings: from ``--vary steps=0..5``, from presets, and their product."""

import re
from dataclasses import fields
from itertools import product
from typing import Any

from minirearec.config import ModelConfig, ObjectiveConfig, TrainingConfig
from minirearec.errors import ConfigError

MOST = 1000  # settings of a sweep
FIELDS = {item.name: item for section in (ModelConfig, ObjectiveConfig, TrainingConfig) for item in fields(section)
          if not item.metadata["hidden"] and item.name != "seed"}
NUMBER = {int: re.compile("[+-]?[0-9]{1,18}"), float: re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")}
RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")
WORDS = {"yes": True, "no": False}

PRESETS: dict[str, tuple[dict[str, Any], ...]] = {
    "ladder": ({"method": "base", "steps": 0},  # paper, Fig. 5
               *({"method": name, "steps": steps} for name in ("naive", "rpe", "erl", "prl")
                 for steps in (1, 2, 3, 4, 5))),
    "ablations": ({"method": "erl", "kl_weight": 0.05}, {"method": "erl", "kl_weight": 0.0},  # paper, Fig. 7
                  {"method": "prl"}, {"method": "prl", "contrastive_weight": 0.0}, {"method": "prl", "alpha": 1.0},
                  {"method": "prl", "contrastive_weight": 0.0, "alpha": 1.0})}


def parse(text: str) -> tuple[str, list[Any]]:
    """Read ``alpha=1,1.2,1.5`` or ``steps=0..5``: a setting and its values. Raises ConfigError."""
    name, equals, listed = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or name not in FIELDS:
        raise ConfigError(f"expected NAME=VALUE,VALUE,... with a setting of minirearec train, got {text!r}", "--vary",
                          "For example: --vary alpha=1,1.2,1.5 or --vary steps=0..5. Seeds have --seeds.")
    kind, ends = FIELDS[name].type, RANGE.fullmatch(listed.strip())
    if kind is int and ends:
        first, last = map(int, ends.groups())
        if not first <= last < first + MOST:
            raise ConfigError(f"{listed!r} is no range of 1 to {MOST:,} numbers", "--vary", "Write FIRST..LAST.")
        return name, list(range(first, last + 1))
    values = [_value(word.strip(), kind, text) for word in listed.split(",")]
    if len(set(values)) < len(values):
        raise ConfigError(f"{text!r} names a value twice", "--vary", "Name each value once.")
    return name, values


def _value(word: str, kind, text: str) -> Any:
    fits = WORDS.keys().__contains__ if kind is bool else NUMBER[kind].fullmatch if kind in NUMBER else bool
    if not fits(word):
        kinds = {int: "a whole number", float: "a number", bool: "yes or no"}
        raise ConfigError(f"{word!r} in {text!r} is not {kinds.get(kind, 'a name')}", "--vary", "Correct it.")
    return WORDS[word] if kind is bool else kind(word)


def grid(vary: dict[str, list[Any]], preset: str = "") -> list[dict[str, Any]]:
    """Return the settings of every point: the product of what varies, and of the preset. Raises ConfigError."""
    if preset and preset not in PRESETS:
        raise ConfigError(f"unknown preset {preset!r}", "--preset", f"Choose one of: {', '.join(PRESETS)}.")
    taken = [name for one in PRESETS.get(preset, ()) for name in one if name in vary]
    if taken:
        raise ConfigError(f"the preset {preset} varies {taken[0].replace('_', '-')} itself", "--vary",
                          "Leave one of the two out.")
    count = len(PRESETS.get(preset, ({},)))
    for values in vary.values():
        count *= len(values)
    if not (vary or preset):
        raise ConfigError("nothing varies", "sweep", "Say what varies with --vary or --preset.")
    if count > MOST:
        raise ConfigError(f"{count:,} settings", "sweep", f"Train at most {MOST:,}.")
    return [{**one, **dict(zip(vary, values, strict=True))} for one in PRESETS.get(preset, ({},))
            for values in product(*vary.values())]
