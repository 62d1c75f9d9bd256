"""The code of a notebook."""

import json

import pytest

from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.collecting.notebooks import cells
from minirearec_tutorials.grading.handout.notebook import teacher_notebook
from tests.tutorials.grading.collecting.handing_in import notebook


def test_code_cells_in_order_without_the_lines_that_import_the_checks():
    ours = ("from minirearec_tutorials.grading.handout.notebook_cells import show_example\nimport numpy as np\n"
            "try:\n    from minirearec_tutorials.x import (\n        a, b)\nexcept ImportError:\n"
            "    import minirearec as mr")
    assert cells(notebook("a = 1\n", "", ours)) == (
        "a = 1\n", "", "pass\nimport numpy as np\ntry:\n    pass\n\nexcept ImportError:\n    pass")


def test_our_own_notebook_needs_nothing_of_ours():
    for cell in cells(teacher_notebook(assignment("a6"))):
        assert "minirearec" not in cell


@pytest.mark.parametrize("text, says", [
    ("", "its JSON is broken"), ("[" * 200_000, "nested too deeply"), ("[1" + "0" * 5000 + "]", "JSON is broken"),
    ("{}", "no list of cells"), ("[]", "no list of cells"), ('{"cells": {}}', "no list of cells"),
    ('{"worksheets": [{"cells": []}]}', "format 4")])
def test_what_is_not_a_notebook(text, says):
    with pytest.raises(ValueError, match=says):
        cells(text)


def test_cells_of_any_kind():
    book = {"cells": [1, None, "x", {}, {"cell_type": "code"}, {"cell_type": "code", "source": 7},
                      {"cell_type": "code", "source": ["a\n", 3, None, "b"]}, {"cell_type": "code", "source": "c"},
                      {"cell_type": ["code"], "source": "d"}]}
    assert cells(json.dumps(book)) == ("", "", "a\nb", "c")
