"""Settings from a TOML file: by name, or in sections as in the config.toml of a run."""

import tomllib
from pathlib import Path
from typing import Any

from minirearec.errors import ConfigError
from minirearec.plain import open_plain
from minirearec.setting_types import Settings

SECTIONS = ("model", "objective", "training", "counting")
OF_A_RUN = ("format", "id", "backend", "threads", "data", "files")  # what the config.toml of a run holds besides


def read_settings(path: Path | str) -> dict[str, Any]:
    """Return the settings in a file, for ``Config.make``, which checks their values.

    Raises ConfigError for a file that cannot be read, that is not TOML, and that holds anything else.
    """
    try:
        with open_plain(path) as file:
            values = tomllib.loads(file.read().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", str(path), "Give a TOML file with settings.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not readable as TOML ({error})", str(path), "Write lines such as: steps = 3") from None
    sections = [values.pop(name) for name in SECTIONS if isinstance(values.get(name), dict)]
    for name in OF_A_RUN if len(sections) >= len(SECTIONS) - 1 else ():
        values.pop(name, None)
    for section in sections:
        values.update(section)
    unknown = sorted(set(values) - set(Settings.__annotations__))
    if unknown:
        raise ConfigError(f"unknown setting {unknown[0]!r}", str(path),
                          f"Known: {', '.join(sorted(Settings.__annotations__))}.")
    return {name: value for name, value in values.items() if name != "feature_width"}  # the data decide it
