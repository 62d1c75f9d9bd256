"""What a study trains and compares: rows of settings. A study of your own is a TOML file:

    question = "Does a sharper softmax at every step help?"
    [common]
    width = 64
    [[rows]]
    name = "base"
    method = "base"
    [[rows]]
    name = "sharper"
    method = "prl"
    variants = [{alpha = 1.0}, {alpha = 1.2}, {alpha = 1.5}]

Each row is compared with the one that its ``base`` names, or else with the first.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.plain import open_plain
from minirearec.setting_types import Settings

MOST = 1000  # rows of a study
LONGEST_NAME = 80  # of a row: folders are named after it
QUICK = {"epochs": 2, "width": 32, "inner_width": 32, "validation_targets": 2000}
VIEWS = ("rows", "steps", "patience")  # see the functions in ``views``


@dataclass(frozen=True)
class Row:
    """One row of a study's table. Validation with the first seed chooses among the ``variants`` of its settings."""

    name: str
    settings: dict[str, Any]
    base: str = ""
    variants: tuple[dict[str, Any], ...] = ({},)


@dataclass(frozen=True)
class Study:
    """A question, and the rows that answer it. ``common`` settings are those of all rows.

    ``combined`` names a further row, with all settings that helped their row on validation, if there is to be one.
    ``blend``: models with which every neural row is blended, as ``evaluate --blend`` takes them. ``view``: what the
    table shows, one of ``VIEWS``.
    """

    name: str
    question: str
    rows: tuple[Row, ...]
    common: dict[str, Any] = field(default_factory=dict)
    combined: str = ""
    blend: tuple[str, ...] = ()
    view: str = "rows"

    def __post_init__(self):
        """Raise ConfigError for names that are given twice or not at all, and for settings that are wrong."""
        names = [row.name for row in self.rows]
        if not 1 <= len(names) <= MOST:
            raise ConfigError(f"a study with {len(names):,} rows", self.name, f"Give 1 to {MOST:,} [[rows]].")
        for row in self.rows:
            if len(row.name) > LONGEST_NAME:
                raise ConfigError(f"the name {row.name[:20]!r}... is too long", self.name,
                                  f"Give a row at most {LONGEST_NAME} characters.")
            if names.count(row.name) > 1 or row.name == self.combined:
                raise ConfigError(f"two rows are named {row.name!r}", self.name, "Give every row its own name.")
            if row.base and row.base not in names:
                raise ConfigError(f"the base of {row.name!r} is {row.base!r}, which is no row", self.name,
                                  f"Choose one of: {', '.join(names)}.")
            for variant in row.variants:
                given = {**self.common, **row.settings, **variant}
                if "seed" in given:
                    raise ConfigError(f"the row {row.name!r} sets its seed", self.name, "Seeds have --seeds.")
                Config.make(**given)

    @property
    def halts(self) -> bool:
        """Return whether halting policies and a gate are fitted to every model that thinks."""
        return self.view == "steps"

    @property
    def varied(self) -> set[str]:
        """Return the names of the settings that are not the same in all rows."""
        return {name for row in self.rows for one in (row.settings, *row.variants) for name in one}

    def quick(self) -> "Study":
        """Return the study with small models that hardly train, and no choice among variants: to see that it works."""
        rows = tuple(replace(row, variants=row.variants[:1]) for row in self.rows)
        return replace(self, rows=rows, common={**self.common, **QUICK})

    def only(self, names: Iterable[str]) -> "Study":
        """Return the study with some of its rows. One whose base is not among them is compared with the first.

        Raises ConfigError for a name that is no row.
        """
        wanted, known = set(names), [row.name for row in self.rows]
        if unknown := sorted(wanted - set(known)):
            raise ConfigError(f"no row is called {unknown[0]!r}", self.name, f"Choose from: {'; '.join(known)}.")
        rows = tuple(replace(row, base=row.base if row.base in wanted else "") for row in self.rows
                     if row.name in wanted)
        return replace(self, rows=rows, combined="")

    def base_of(self, row: Row) -> str:
        """Return the name of the row that a row is compared with."""
        return row.base or self.rows[0].name


def read_study(path: Path | str) -> Study:
    """Read a study from a TOML file. Raises ConfigError for a file that cannot be read or that is no study."""
    fix = "See the help of minirearec study."
    try:
        with open_plain(path) as file:
            values = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", str(path), fix) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not readable as TOML ({error})", str(path), fix) from None
    kinds = {"question": str, "rows": list, "common": dict, "combined": str, "blend": list, "view": str}
    _check(values, kinds, str(path))
    rows = []
    for row in values.pop("rows", []):
        if not isinstance(row, dict) or not row.get("name"):
            raise ConfigError("a row without a name", str(path), 'Write [[rows]] and name = "..." above its settings.')
        about = {key: row.pop(key) for key in ("name", "base", "variants") if key in row}
        _check(about, {"name": str, "base": str, "variants": list}, str(path))
        variants = tuple(about.pop("variants", [{}]))
        if not variants:
            raise ConfigError(f"the row {about.get('name')!r} has no variants", str(path), "Leave variants out.")
        _known([row, *variants], str(path))
        rows.append(Row(settings=row, variants=variants, **about))
    _known([values.get("common", {})], str(path))
    if not all(isinstance(one, str) for one in values.get("blend", ())):
        raise ConfigError(f"blend is {values['blend']!r}", str(path), 'Give texts, as in blend = ["counts:pctm"].')
    if values.get("view", "rows") not in VIEWS:
        raise ConfigError(f"unknown view {values['view']!r}", str(path), f"Choose one of: {', '.join(VIEWS)}.")
    return Study(Path(path).stem, values.pop("question", ""), tuple(rows),
                 blend=tuple(values.pop("blend", ())), **values)


def _check(values: dict[str, Any], kinds: dict[str, type], where: str) -> None:
    for name, value in values.items():
        if name not in kinds:
            raise ConfigError(f"unknown name {name!r}", where, f"Known: {', '.join(kinds)}.")
        if not isinstance(value, kinds[name]):
            raise ConfigError(f"{name} is {value!r}", where, "See the help of minirearec study.")


def _known(tables: Iterable[Any], where: str) -> None:
    for table in tables:
        if not isinstance(table, dict):
            raise ConfigError(f"{table!r} is not a table of settings", where, "Write it as {width = 64}.")
        for name in sorted(table.keys() - Settings.__annotations__.keys()):
            raise ConfigError(f"unknown setting {name!r}", where,
                              f"Known: {', '.join(sorted(Settings.__annotations__))}.")
