"""Put values of other types into the files of runs; see ``faults``."""

import copy
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

import tomli_w

STRANGE = ("", "x", "\0", "../../x", "y" * 3000, -1, 0, 7, 10**30, 0.5, 1e308, float("nan"), float("inf"), True, [], {},
           [[]], [1, "x"], {"x": 1}, None)
LONG = ("epochs", "patience")  # settings that make a training longer, as they should


def places(value, path=()) -> list[tuple]:
    """Return the paths of all values inside nested dicts and lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def mistype(content, rng: random.Random):
    """Return a copy of nested dicts and lists with one value replaced, removed or renamed."""
    changed = copy.deepcopy(content)
    *above, last = rng.choice([place for place in places(content) if place])
    level = changed
    for key in above:
        level = level[key]
    way = rng.choice(["replace", "replace", "replace", "remove", "rename"])
    value = level.pop(last) if way != "replace" else None
    if way == "replace":
        level[last] = rng.choice(STRANGE)
    elif way == "rename" and isinstance(level, dict):
        level[f"{last}x"] = value
    return changed


def rewrite(path: Path, rng: random.Random) -> str:
    """Mistype one value of a file of a run; return what was changed."""
    content = path.read_bytes()
    if path.suffix == ".toml":
        before = tomllib.loads(content.decode())
        after = mistype(before, rng)
        path.write_text(tomli_w.dumps(without_none(after)))
    elif path.suffix == ".safetensors":
        end = 8 + int.from_bytes(content[:8], "little")
        before = json.loads(content[8:end])
        if "__metadata__" in before:
            before["__metadata__"] = {name: json.loads(value) for name, value in before["__metadata__"].items()}
        after = mistype(before, rng)
        stored = dict(after)
        if isinstance(stored.get("__metadata__"), dict):
            stored["__metadata__"] = {name: json.dumps(value) for name, value in stored["__metadata__"].items()}
        header = json.dumps(stored).encode()
        path.write_bytes(len(header).to_bytes(8, "little") + header + content[end:])
    else:
        lines = content.decode().splitlines() if path.suffix == ".jsonl" else [content.decode()]
        number = rng.randrange(len(lines))
        before = json.loads(lines[number])
        after = mistype(before, rng)
        lines[number] = json.dumps(after)
        path.write_text("\n".join(lines))
    return f"{path.name}: {json.dumps(differences(before, after))[:200]}"


def without_none(value):
    """Return nested dicts and lists without None, which TOML lacks."""
    if isinstance(value, dict):
        return {key: without_none(part) for key, part in value.items() if part is not None}
    return [without_none(part) for part in value if part is not None] if isinstance(value, list) else value


def differences(before, after):
    """Return the part of two nested values that differs, for messages."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: differences(before.get(key), after.get(key)) for key in before.keys() | after.keys()
                if before.get(key) != after.get(key)}
    return after


def mistyped(runs, count: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield what was changed, the verdict and what happened: a valid value may have an effect, a traceback is harm."""
    for _ in range(count):
        name = rng.choice(["", "-inside"])
        run = runs.copy(name)
        files = [path for path in sorted(run.iterdir()) if path.name not in ("env.json", "lock")]
        changed = rewrite(rng.choice(files), rng)
        if any(f'"{setting}": 1e' in changed or f'"{setting}": 1' in changed for setting in LONG):
            continue
        found = runs.figures(run)
        bad = [text for code, text in found if code not in (0, 2) or (code == 2 and text.count("Error: ") != 1)]
        yield changed, "harm" if bad else "refused" if any(code for code, _ in found) else "no effect", str(bad)[:400]
