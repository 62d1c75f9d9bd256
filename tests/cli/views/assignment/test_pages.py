"""A grading as web pages: nothing that a student wrote becomes HTML."""

import re

import pytest

from minirearec_cli.views.assignment.pages import MARK, index_page, similar_page, student_page, unfinished_page
from minirearec_tutorials.grading.marking.grader import grade, unchecked
from minirearec_tutorials.grading.reporting.similarity import Pair
from minirearec_tutorials.grading.reporting.statistics import TaskStatistics

EVIL = "<b>&\"'\x1b[2J"


@pytest.fixture
def grades(tiny):
    return [grade(tiny, tiny.wrong_submission(tiny.wrong[0]) + f"\nprint({EVIL!r})", student=EVIL),
            unchecked(tiny, "zoe", "no t1.py in it", note="<i>late</i>")]


def test_every_page_is_whole_and_has_the_mark(tiny, grades):
    for page in (unfinished_page(), index_page(tiny, grades, {EVIL: "b", "zoe": "zoe"}), student_page(tiny, grades[0])):
        assert page.startswith("<!DOCTYPE html>") and page.endswith("</body></html>\n") and page.count(MARK) == 1
        assert page.count("<title>") == 1 and "{{" not in page and "{%" not in page


def test_the_index_has_a_line_for_each_student(tiny, grades):
    page = index_page(tiny, grades, {EVIL: "b", "zoe": "zoe"})
    assert "<title>Assignment t1: Tiny</title>" in page
    head, first, second = [line for line in page.splitlines() if "<tr>" in line]
    assert re.findall("<th>(.*?)</th>", head) == ["student", "1.1 (/2)", "1.2 (/3)", "1.3 (/5)", "total (/10)", ""]
    assert "<td>0</td><td>3</td><td>5</td><td>8</td>" in first and '<a href="b.html">&lt;b&gt;&amp;' in first
    assert '<a href="zoe.html">zoe</a>' in second
    assert '<td class="problem">no t1.py in it; &lt;i&gt;late&lt;/i&gt;</td>' in second
    assert "<b>" not in page and "<i>" not in page and "\x1b" not in page and "\\x1b[2J" in page


def test_the_page_of_a_student_shows_what_check_shows(tiny, grades):
    page = student_page(tiny, grades[0])
    assert "8 of 10 points" in page and "Hint: " in page and "differs from the expected value" in page
    assert "<title>t1: &lt;b&gt;&amp;" in page and '<a href="index.html">All students</a>' in page
    assert "<b>" not in page and "\x1b" not in page and page.count("&lt;b&gt;") == 3


def test_the_class_task_by_task_and_similar_code(tiny, grades):
    statistics = [TaskStatistics(tiny.tasks[0], 3, 1, 4, 1.25, ((3, "<i>Three</i> times."), (1, "four")))]
    pair = Pair((EVIL, "zoe"), 0.914, (f"{EVIL}\nb = 1", "c = 1"), (frozenset([2]), frozenset([1])))
    page = index_page(tiny, grades, {EVIL: "b", "zoe": "zoe"}, statistics, [pair])
    assert "<td>1.1 Twice</td><td>3</td><td>4</td>\n<td>1</td><td>1.2</td><td>" in page
    assert "3 &times; &lt;i&gt;Three&lt;/i&gt; times.<br>1 &times; four" in page
    assert '<a href="similar.html">1 similar pair</a>' in page
    page = similar_page(tiny, [pair])
    assert "and zoe: 91 %" in page and page.count("<mark>") == 2
    assert "<mark>   2 &#9474; b = 1</mark>" in page and "   1   &lt;b&gt;&amp;" in page
    assert "<b>" not in page and "\x1b" not in page
