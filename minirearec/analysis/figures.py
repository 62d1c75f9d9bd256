"""Means with their intervals, and tidy tables of results."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np

from minirearec.errors import ConfigError
from minirearec.evaluation.metrics import MIDDLE, bootstrap_means
from minirearec.extras import install


@dataclass(frozen=True)
class Figure:
    """A mean over targets, and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Return whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        """Return ``0.0567 [0.0512, 0.0630]``."""
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def figures(columns: dict[Any, np.ndarray], users: np.ndarray) -> dict[Any, Figure]:
    """Return the mean of each column [targets], with the interval of ``metrics.bootstrap_interval``.

    All columns share their draws: that is as good, and saves time.
    """
    values = np.stack(list(columns.values()), 1)
    ends = np.quantile(bootstrap_means(values, users=users), MIDDLE, axis=0)
    return {name: Figure(float(value.mean()), float(low), float(high))
            for name, value, low, high in zip(columns, values.T, *ends, strict=True)}


class Tables:
    """A result that ``to_dict`` turns into plain dicts, and ``records`` into the rows of one tidy table."""

    def to_dict(self) -> dict:
        """Return plain nested dicts, as ``--json`` prints them."""
        return asdict(self)  # pyright: ignore[reportArgumentType] (every subclass is a dataclass)

    def records(self) -> list[dict[str, Any]]:
        """Return the rows of a tidy table, all with the same keys."""
        raise NotImplementedError

    def to_frame(self):
        """Return ``records`` as a pandas data frame. Raises ConfigError without pandas, which we do not require."""
        try:
            import pandas  # pyright: ignore[reportMissingImports]
        except ModuleNotFoundError as error:
            raise ConfigError("needs the package pandas", "to_frame", f"Install it: {install('', 'pandas')}") from error

        return pandas.DataFrame(self.records())

    def sections(self) -> dict[str, list[dict[str, Any]]]:
        """Return the tables that a notebook shows, by title: by default one, the tidy table."""
        return {"": self.records()}

    def _repr_html_(self) -> str:
        """Return the sections as tables of HTML."""
        return "".join(f"<h4>{escape(title)}</h4>" * bool(title) + _table(rows) for title, rows in
                       self.sections().items())


def _table(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in columns) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else escape(str(value))
