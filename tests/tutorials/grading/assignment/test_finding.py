"""Finding an assignment by its name or its folder."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.finding import assignment


def test_the_nearest_name_is_offered():
    with pytest.raises(ConfigError, match="there is no assignment 'a11'. Did you mean a1?"):
        assignment("a11")
