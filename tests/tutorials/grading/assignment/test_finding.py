"""Finding an assignment by its name or its folder."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.finding import assignment, assignments, has_a_name


def test_the_nearest_name_is_offered():
    with pytest.raises(ConfigError, match="there is no assignment 'a11'. Did you mean a1?"):
        assignment("a11")


def test_a_folder_is_an_assignment_too(tiny):
    assert assignment(str(tiny.folder)) == tiny and not has_a_name(tiny)


def test_assignments_are_found_by_name(own):
    assert assignments() == {"b1": own} and assignment("b1") == own and has_a_name(own)
