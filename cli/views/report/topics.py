"""The topics of an analysis and of a comparison: for each its pictures, its table and what to know to read them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minirearec.analysis.comparing import LEVEL, Comparison
from minirearec.analysis.figures import Figure
from minirearec.analysis.groups import Group
from minirearec.analysis.result import Analysis
from minirearec_cli.views.report.figures import Chart, Heat, dots, heat

Rows = list[dict[str, Any]]  # of a table: {column: value}; the first column names the row


@dataclass(frozen=True)
class Topic:
    """One question: ``name`` is that of the table in ``Analysis.records``."""

    name: str
    title: str
    note: str
    pictures: list[Chart | Heat]
    rows: Rows

    @property
    def columns(self) -> list[str]:
        """Return the columns of all rows; a row may lack some."""
        return list(dict.fromkeys(column for row in self.rows for column in row))


def by_group(groups: list[Group]) -> dict[str, dict[str, Figure]]:
    """Return what a chart of groups shows, ``{row: {group: figure}}``: gains over step 0, or the metric of one row."""
    kind = "gains" if groups[0].gains else "rows"
    return {row: {f"{group.low} to {group.high}": getattr(group, kind)[row] for group in groups}
            for row in getattr(groups[0], kind)}


def short(values: dict[str, Any]) -> dict[str, Any]:
    """Return values by step with the numbers of the steps as their names, as an axis needs them."""
    return {name.removeprefix("step "): value for name, value in values.items()}


def gains(found: Analysis) -> list[Chart | None]:
    return [dots("Gain over the same model at K = 0", "", found.gains)]


def groups(title: str, field: str) -> Callable[[Analysis], list[Chart | None]]:
    """Return the function that draws groups of targets."""
    def draw(found: Analysis) -> list[Chart | None]:
        own = getattr(found, field)
        what = f"Gain of {found.group_metric} over step 0" if own[0].gains else found.group_metric
        return [dots(f"{what} by {title}", title, by_group(own))]

    return draw


def matrix(title: str, field: str) -> Callable[[Analysis], list[Heat]]:
    """Return the function that draws a measure of all pairs of steps."""
    def draw(found: Analysis) -> list[Heat]:
        return [heat(title, {f"step {i}": {f"step {j}": value for j, value in enumerate(line)}
                             for i, line in enumerate(getattr(found.thinking, field))})]

    return draw


def entropy(found: Analysis) -> list[Chart | None]:
    assert found.thinking
    return [dots("Entropy of the distribution, in nats", "step",
                 {"entropy": {str(k): value for k, value in enumerate(found.thinking.entropy)}})]


def moved(found: Analysis) -> list[Chart | None]:
    return [dots("How the target's rank moves: share of targets", "step",
                 {name: short({row: getattr(one, name) for row, one in found.moves.items()})
                  for name in ("improved", "worsened", "found", "lost")})]


def listed(found: Analysis) -> list[Chart | None]:
    def draw(title: str, name: str) -> Chart | None:
        return dots(title, "step", {name: short({row: getattr(one, name) for row, one in found.lists.items()})})

    return [draw("Coverage: share of the catalogue in any list", "coverage"),
            draw("Popularity: how often training saw a listed item", "popularity"),
            draw("Novelty of listed items, in bits", "novelty")]


def attention(found: Analysis) -> list[Heat]:
    """Return a heat map for each step: a row for each head, a column for each place that it can look at, in %."""
    pictures = {}
    for one in found.records():
        if one["table"] == "attention":
            column = one["measure"].removeprefix("item ").removesuffix(" items").replace("step ", "s")
            pictures.setdefault(one["row"], {}).setdefault(one["group"], {})[column] = one["value"]
    return [heat(f"What {step} attends to, in %", rows, lambda share: f"{100 * share:.0f}")
            for step, rows in pictures.items()]


def timing(found: Analysis) -> list[Chart | None]:
    assert found.timing
    return [dots("Milliseconds per target", "K", {kind: {str(steps): each for steps, each in enumerate(taken)} for kind,
                 taken in (("with cache", found.timing.cached), ("without cache", found.timing.uncached))})]


TOPICS: dict[str, tuple[str, str, Callable]] = {  # by table: title, note, pictures
    "gains": ("Gain over the same model at K = 0", "Paired differences, with 95 % bootstrap intervals over users. "
              "Oracle: each target's best step, chosen after the fact. Null oracle: the best of as many copies at K = "
              "0, which differ only by dropout.", gains),
    "history length": ("Who gains? By history length", "Four groups of targets of equal size.",
                       groups("history length", "by_history_length")),
    "popularity": ("Who gains? By popularity of the target", "Four groups of targets of equal size, by how often "
                   "training saw the target.", groups("popularity", "by_popularity")),
    "moves": ("How the target's rank moves", "Compared with step 0. Found: in the top 20 now, not at step 0. Lost "
              "(overthinking): in the top 20 at an earlier step, not now.", moved),
    "cosine": ("Cosine of the states", "Mean over targets; 1 means that two steps point the same way.",
               matrix("Cosine of the states", "cosine")),
    "kl": ("KL divergence of the distributions", "From row to column, in nats.",
           matrix("KL divergence, row to column, in nats", "kl")),
    "entropy": ("Entropy by step", "In nats, with the temperature of the run at every step.", entropy),
    "lists": ("What the top 10 lists hold", "", listed),
    "attention": ("What the steps attend to", "-1 is the newest item of the history; s1 is the input of step 1. An "
                  "item that a history is too short for counts as 0.", attention),
    "timing": ("Time of inference", "Median, per target of a batch. The paper's overhead: PRL, a whole test set of "
               "padded histories on a GPU.", timing)}


def topics_of(found: Analysis) -> list[Topic]:
    """Return the topics of an analysis, except for metrics, which have tables of their own."""
    sections = found.sections()
    return [Topic(name, title, note, [one for one in draw(found) if one is not None], sections[name])
            for name, (title, note, draw) in TOPICS.items() if name in sections]


def topics_of_comparison(found: Comparison) -> list[Topic]:
    """Return the settings side by side, and their differences from the first."""
    chart = dots(f"Difference of {found.metric} from {found.settings[0].name}", "",
                 {one.name: {found.metric: one.difference} for one in found.differences})
    settings = [{"setting": one.name, "seeds": len(one.seeds), **one.metrics,
                 f"lowest {found.metric} of a seed": min(one.by_seed),
                 f"highest {found.metric} of a seed": max(one.by_seed)} for one in found.settings]
    changes = [{"setting": one.name, "difference": one.difference, "p": one.p, "p (Holm)": one.holm,
                "verdict": one.verdict} for one in found.differences]
    return [Topic("settings", "Side by side", "The answers of the runs; means over seeds.", [], settings),
            Topic("differences", f"Difference of {found.metric} from {found.settings[0].name}",
                  f"Paired bootstrap over users; Holm's correction for {len(changes)}, level {LEVEL:g}.",
                  [] if chart is None else [chart], changes)]
