"""The result of an analysis: one object that tables, files and reports read."""

from dataclasses import dataclass
from typing import Any

from minirearec.analysis.figures import Figure, Tables
from minirearec.analysis.groups import Group
from minirearec.analysis.moves import Moves
from minirearec.analysis.pictures import plot
from minirearec.analysis.thinking import NEWEST, Thinking
from minirearec.analysis.timing import Timing
from minirearec.evaluation.lists import Lists
from minirearec.evaluation.published import REASONING_OVERHEAD

GROUPED = ("history length", "popularity", "cosine", "kl")  # tables of notebooks with a column for each group


@dataclass(frozen=True)
class Analysis(Tables):
    """What ``analyze`` measured. Rows are steps, ``answer`` the one that recommends, ``base`` the model at K = 0.

    The base is step 0 itself: steps never change r_0. All ranks leave out seen items, except in ``kept``. ``gains``
    over the base are those of the answer, the oracle and the null oracle, which a model without dropout lacks.
    ``thinking`` is None for a model without steps or states.
    """

    run: str
    facts: dict[str, Any]  # data set, method, seed and settings: see ``runs.directory.describe``
    part: str
    users: int
    targets: int
    answer: str
    base: str
    excluded: dict[str, dict[str, float]]  # metrics by row, with those of the oracle and the null oracle
    kept: dict[str, dict[str, float]]
    gains: dict[str, dict[str, Figure]]  # {metric: {what: gain over the base}}
    group_metric: str
    by_history_length: list[Group]
    by_popularity: list[Group]
    moves: dict[str, Moves]
    lists: dict[str, Lists]
    target_popularity: float  # how often training saw a target, on average
    thinking: Thinking | None
    timing: Timing | None = None  # only where it was asked for, and of a model with steps

    def records(self) -> list[dict[str, Any]]:
        """Return tidy rows ``table, row, group, measure, value, low, high``."""
        rows = [_row("metrics", row, seen, name, value) for seen in ("excluded", "kept")
                for row, metrics in getattr(self, seen).items() for name, value in metrics.items()]
        rows += [_row("gains", what, "", name, figure) for name, gains in self.gains.items()
                 for what, figure in gains.items()]
        for table, groups in (("history length", self.by_history_length), ("popularity", self.by_popularity)):
            for group in groups:
                rows += [_row(table, row, group.name, self.group_metric, figure) for row, figure in group.rows.items()]
                rows += [_row(table, row, group.name, f"gain of {self.group_metric}", figure)
                         for row, figure in group.gains.items()]
        for table, found in (("moves", self.moves), ("lists", self.lists)):
            rows += [_row(table, row, "", name, value) for row, one in found.items()
                     for name, value in vars(one).items()]
        rows += self._thinking_records(self.thinking) if self.thinking else []
        return rows + (self._timing_records(self.timing) if self.timing else [])

    def sections(self) -> dict[str, list[dict[str, Any]]]:
        """Return a table for each question: a row for each step; a value with an interval is a Figure."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for one in self.records():
            row, column = f"{one['row']} {one['group']}", one["measure"]
            if one["table"] in GROUPED:
                row, column = one["row"], f"{one['group']} {one['measure']}"
            value = one["value"] if one["low"] is None else Figure(one["value"], one["low"], one["high"])
            found.setdefault(one["table"], {}).setdefault(row, {"": row})[column] = value
        return {table: list(rows.values()) for table, rows in found.items()}

    def plot(self, *tables: str, axes: list | None = None) -> list:
        """Draw the pictures of some tables, such as "gains" or "popularity", and return their axes; see ``plot``."""
        return plot(self, *(tables or ("gains",)), axes=axes)

    def _thinking_records(self, thinking: Thinking) -> list[dict[str, Any]]:
        rows = [_row("entropy", f"step {k}", "", "entropy", value) for k, value in enumerate(thinking.entropy)]
        for name in ("cosine", "kl"):
            rows += [_row(name, f"step {i}", f"step {j}", name, value) for i, line in enumerate(getattr(thinking, name))
                     for j, value in enumerate(line)]
        for k, layers in enumerate(thinking.attention, 1):
            for place, head in [(f"layer {layer} head {number}", head) for layer, heads in enumerate(layers, 1)
                                for number, head in enumerate(heads, 1)]:
                names = [f"item {-1 - age}" for age in range(NEWEST)] + ["older items"]
                names += [f"step {step}" for step in range(1, 1 + len(head.steps))]
                values = [*head.items, head.older, *head.steps]
                rows += [_row("attention", f"step {k}", place, name, value)
                         for name, value in zip(names, values, strict=True)]
        return rows

    def _timing_records(self, timing: Timing) -> list[dict[str, Any]]:
        rows = []
        for kind, taken in (("with cache", timing.cached), ("without cache", timing.uncached)):
            for steps, each in enumerate(taken):
                rows += [_row("timing", f"K = {steps}", "", f"ms {kind}", each),
                         _row("timing", f"K = {steps}", "", f"% over K = 0 {kind}", 100 * (each / taken[0] - 1))]
        return rows + [_row("timing", f"K = {steps}", "", "% in the paper with cache", share)
                       for steps, share in REASONING_OVERHEAD.items()]


def _row(table: str, row: str, group: str, measure: str, value: float | Figure) -> dict[str, Any]:
    if isinstance(value, Figure):
        return {"table": table, "row": row, "group": group, "measure": measure, **vars(value)}
    return {"table": table, "row": row, "group": group, "measure": measure, "value": value, "low": None, "high": None}
