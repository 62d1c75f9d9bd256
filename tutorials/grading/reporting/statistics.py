"""How a class did, task by task: who passed, and which mistake is the commonest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from minirearec_tutorials.grading.assignment.contents import Assignment, Task
from minirearec_tutorials.grading.marking.grader import ERROR, PASSED, UNWRITTEN, Grade, TaskResult
from minirearec_tutorials.grading.marking.mistakes import PLACE


@dataclass(frozen=True)
class TaskStatistics:
    """How a class did in one task. ``mistakes``: how many made each, and what it is, the commonest first."""

    task: Task
    passed: int
    unwritten: int
    wrong: int
    mean: float
    mistakes: tuple[tuple[int, str], ...]


def statistics(item: Assignment, grades: Sequence[Grade], known: dict[str, str]) -> list[TaskStatistics]:
    """Return the statistics of every task, over the submissions that could be checked.

    ``known``: what mistakes are about, by digest. A mistake that no wrong solution makes is named only if several
    students make it.
    """
    checked = [grade for grade in grades if not grade.problem]
    found = []
    for task in item.tasks:
        results = [result for grade in checked for result in grade.tasks if result.number == task.number]
        wrong = [result for result in results if result.status not in (PASSED, UNWRITTEN)]
        counts, made = Counter(result.mistake for result in wrong), {result.mistake: result for result in wrong}
        mistakes = [(count, known.get(mistake) or _described(made[mistake]))
                    for mistake, count in counts.most_common() if mistake in known or count > 1]
        found.append(TaskStatistics(task, sum(result.status == PASSED for result in results),
                                    sum(result.status == UNWRITTEN for result in results), len(wrong),
                                    sum(result.earned for result in results) / max(len(results), 1), tuple(mistakes)))
    return found


def _described(result: TaskResult) -> str:
    """Return what is known of a mistake that no wrong solution makes."""
    if result.status == ERROR and result.failure:
        return f"no value: {PLACE.sub('', result.failure.message)}"
    return "the same wrong answer, which no wrong solution here gives"
