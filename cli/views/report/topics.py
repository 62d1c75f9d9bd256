"""The topics of an analysis and of a comparison: for each its pictures, its table and what to know to read them."""

from dataclasses import dataclass
from typing import Any

from minirearec.analysis.comparing import LEVEL, Comparison
from minirearec.analysis.pictures import PICTURES, Picture
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


TOPICS = {  # by table: title and note
    "gains": ("Gain over the same model at K = 0", "Paired differences, with 95 % bootstrap intervals over users. "
              "Oracle: each target's best step, chosen after the fact. Null oracle: the best of as many copies at K = "
              "0, which differ only by dropout."),
    "history length": ("Who gains? By history length", "Four groups of targets of equal size."),
    "popularity": ("Who gains? By popularity of the target", "Four groups of targets of equal size, by how often "
                   "training saw the target."),
    "moves": ("How the target's rank moves", "Compared with step 0. Found: in the top 20 now, not at step 0. Lost "
              "(overthinking): in the top 20 at an earlier step, not now."),
    "cosine": ("Cosine of the states", "Mean over targets; 1 means that two steps point the same way."),
    "kl": ("KL divergence of the distributions", "From row to column, in nats."),
    "entropy": ("Entropy by step", "In nats, with the temperature of the run at every step."),
    "lists": ("What the top 10 lists hold", ""),
    "attention": ("What the steps attend to", "-1 is the newest item of the history; s1 is the input of step 1. An "
                  "item that a history is too short for counts as 0."),
    "timing": ("Time of inference", "Median, per target of a batch. The paper's overhead: PRL, a whole test set of "
               "padded histories on a GPU.")}


def topics_of(found: Analysis) -> list[Topic]:
    """Return the topics of an analysis, except for metrics, which have tables of their own."""
    sections = found.sections()
    return [Topic(name, title, note, list(map(placed, PICTURES[name](found))), sections[name])
            for name, (title, note) in TOPICS.items() if name in sections]


def placed(picture: Picture) -> Chart | Heat:
    """Return a picture with the places of everything in it."""
    if picture.matrix:
        return heat(picture.title, picture.values, picture.text)
    return dots(picture.title, picture.across, picture.values)


def topics_of_comparison(found: Comparison) -> list[Topic]:
    """Return the settings side by side, and their differences from the first."""
    settings = [{"setting": one.name, "seeds": len(one.seeds), **one.metrics,
                 f"lowest {found.metric} of a seed": min(one.by_seed),
                 f"highest {found.metric} of a seed": max(one.by_seed)} for one in found.settings]
    changes = [{"setting": one.name, "difference": one.difference, "p": one.p, "p (Holm)": one.holm,
                "verdict": one.verdict} for one in found.differences]
    return [Topic("settings", "Side by side", "The answers of the runs; means over seeds.", [], settings),
            Topic("differences", f"Difference of {found.metric} from {found.settings[0].name}",
                  f"Paired bootstrap over users; Holm's correction for {len(changes)}, level {LEVEL:g}.",
                  [placed(found.picture())], changes)]
