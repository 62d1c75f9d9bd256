"""What a report says of several runs: their analyses, their comparison, and the examples of its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minirearec.analysis.analyzing import analyze
from minirearec.analysis.comparing import Comparison, compare
from minirearec.analysis.result import Analysis
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, RunError
from minirearec.evaluation.full_ranking import NULL_ORACLE, evaluate
from minirearec.export.in_page import example_split, examples_of
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer

NullRanks = dict[str, list[float]]  # {"excluded" or "kept": the expected rank of every example}


@dataclass(frozen=True)
class Findings:
    """The findings of a report, in the order of its runs.

    ``comparison`` is None for a single run and for runs that cannot be compared: ``why`` says it. ``examples``: see
    ``examples_of``. ``null_ranks``: their ranks under the null oracle, None for a model that has none.
    """

    analyses: list[Analysis]
    comparison: Comparison | None
    why: str
    examples: list[dict[str, Any]]
    null_ranks: list[NullRanks | None]


def findings(runs: Sequence[Run], data: SequenceData, users: int, timing: bool = False,
             say: Callable[[str], None] = lambda doing: None) -> Findings:
    """Analyze and compare runs on their data; draw ``users`` examples. Raises what ``analyze`` raises."""
    analyses = [analyze(run, data=data, timing=timing, say=say) for run in runs]
    comparison, why = None, ""
    if len(runs) > 1:
        try:
            comparison = compare(*runs, data=data, say=say)
        except (ConfigError, RunError) as error:
            why = error.what
    return Findings(analyses, comparison, why, examples_of(data, users),
                    [null_ranks(run, data, users) for run in runs])


def null_ranks(run: Run, data: SequenceData, users: int) -> NullRanks | None:
    """Return the ranks of the examples' targets at the best of K + 1 copies that do not think."""
    found = evaluate(load_scorer(run), example_split(data, users)) if users else None
    return {seen: getattr(found, seen)[NULL_ORACLE].expected.tolist() for seen in ("excluded", "kept")} \
        if found and NULL_ORACLE in found.excluded else None
