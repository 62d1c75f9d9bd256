"""Telling mistakes apart."""

from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.mistakes import known_mistakes


def mistakes(item, source: str) -> list[str]:
    return [task.mistake for task in grade(item, source).tasks]


def test_the_same_mistake_in_other_words_is_the_same(tiny):
    known = known_mistakes(tiny, ["1.1", "1.2"])
    assert list(known.values()) == ["Three times."] and known_mistakes(tiny, ["1.2"]) == {}
    other = mistakes(tiny, tiny.solution() + "\n\n\ndef double(values):\n    return values + values + values\n")
    assert known[other[0]] == "Three times." and other[1:] == ["", ""]


def test_other_mistakes_are_others(tiny):
    found = [mistakes(tiny, tiny.solution() + f"\ndef double(x): {body}\n")[0] for body in (
        "return 3 * x", "return 4 * x", "return x[99]", "return 2 * x if x.ndim == 1 else x", "return x", "pass")]
    assert len(set(found)) == len(found)


def test_the_place_of_a_wrong_value_tells_mistakes_apart():
    """One counts the target among its own ties, the other among those above it: 2 in place of 1, in another place."""
    item = assignment("a1")
    bodies = ("c = np.ones(len(scores), bool); c[seen] = False; c[target] = True\n"
              "    s = scores[c]; t = scores[target]\n    return (s {} t).sum() {}, (s == t).sum() {}")
    found = [mistakes(item, f"{item.solution()}\n\ndef above_and_tied(scores, target, seen):\n    "
                            f"{bodies.format(*one)}\n")[0] for one in ((">", "", ""), (">=", "", "- 1"))]
    assert found[0] != found[1] and all(found)


def test_an_error_is_the_same_on_any_line(tiny):
    first, second = (mistakes(tiny, tiny.solution() + f"{lines}def double(x):\n    return 1 / {zero}\n")[0]
                     for lines, zero in (("\n", "0"), ("\n\n\n\n", "0.0 if x is None else 1 / 0")))
    assert first == second


def test_wrong_solutions_in_a_sandbox_are_recognised():
    """They were run in this process; a submission that makes the mistake is run in another."""
    item = assignment("a2")
    known = known_mistakes(item, [task.number for task in item.tasks])
    for wrong in item.wrong[::4]:
        result = grade(item, item.wrong_submission(wrong), only=wrong.fails)
        assert [known[task.mistake] for task in result.tasks if task.number == wrong.fails[0]] == [wrong.about]
