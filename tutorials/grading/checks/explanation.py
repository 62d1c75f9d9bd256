"""Word the outcome of a check: what must hold, the call, your output and the expected one."""

import re
from typing import Any

import numpy as np

from minirearec_tutorials.grading.checks.runner import Outcome

LARGEST = 64  # numbers of an array that are written out one by one
PADDING = re.compile(r"(?<=\[) | (?=[,\]])")  # that NumPy puts between brackets and numbers


def call_text(call: tuple[str, tuple, dict]) -> str:
    """Write a call as one would type it; large arrays only by their shape."""
    name, args, named = call
    words = [_short(value) for value in args] + [f"{key}={_short(value)}" for key, value in named.items()]
    return f"{name}({', '.join(words)})"


def explain(outcome: Outcome) -> str:
    """Say why a check failed, in several lines: what must hold, the call, what it returned, what was expected."""
    if outcome.unwritten:
        return outcome.message
    lines = [outcome.check.about, outcome.message]
    if outcome.call:
        lines.append(f"{'Called' if not outcome.drawn else 'Smallest call that fails'}: {call_text(outcome.call)}")
    if outcome.expected is not None:
        lines += ["Your output:", indented_value(outcome.got), "Expected:", indented_value(outcome.expected)]
    return "\n".join(lines)


def indented_value(value: Any) -> str:
    """Write a value on lines of its own."""
    return "\n".join("    " + line for line in value_text(value).splitlines())


def value_text(value: Any) -> str:
    """Write a value for people: six digits, and only the corners of what is large."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list) and any(isinstance(part, np.ndarray) for part in value):
        return "\n".join(map(value_text, value))
    if isinstance(value, tuple | list):
        return f"({', '.join(map(value_text, value))})"
    text = np.array2string(value, precision=6, suppress_small=True, threshold=LARGEST) \
        if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) <= 2000 else text[:2000] + " ..."


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > LARGEST:
            return f"<array of shape {list(value.shape)}>"
        text = np.array2string(value, separator=", ", max_line_width=10 ** 6, threshold=LARGEST)
        return f"np.array({PADDING.sub('', ' '.join(text.split()))})"
    if isinstance(value, list | tuple | dict) and len(value) > LARGEST:
        return f"<{type(value).__name__} of {len(value)} values>"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_short(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_short, value))}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."
