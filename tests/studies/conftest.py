"""A small study, conducted once. Tests only read it."""

import pytest

from minirearec.analysis.trials import TrialDone
from minirearec.studies import Conducting, Row, Study
from tests.small import SMALL

STUDY = Study("small", "Does anything help?", (
    Row("base", {"method": "base"}),
    Row("erl", {"method": "erl"}, variants=({"steps": 1}, {"steps": 2})),
    Row("faster", {"method": "base", "learning_rate": 0.02}),
    Row("counts", {"method": "counts"})),
    {**SMALL, "epochs": 2}, combined="all that helped", blend=("counts",))


@pytest.fixture(scope="session")
def make(data):
    """Return a function that makes the work of a study in a folder."""
    from minirearec.analysis.trials import Machine

    def prepared(out, study=STUDY, **options):
        return Conducting(study, data, out, **{"seeds": 2, "machine": Machine("cpu"), **options})

    return prepared


@pytest.fixture(scope="session")
def whole(make, tmp_path_factory):
    """Conduct the study to its end."""
    work = make(tmp_path_factory.mktemp("study"))
    work.events = [event for event in work.train() if isinstance(event, TrialDone)]
    return work
