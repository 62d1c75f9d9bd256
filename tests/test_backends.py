"""The two protocols name exactly what PyTorch and NumPy offer, with the same arguments."""

import inspect

import pytest

from minirearec.backends import BACKENDS, DEVICES, Engine, Learner
from minirearec.nn.engine import TorchEngine
from minirearec.nn.learner import TorchLearner
from minirearec.reference.engine import NumpyEngine, NumpyLearner


def methods(protocol) -> dict:
    """Return the methods of a class, those it inherits included."""
    return {name: value for name, value in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


@pytest.mark.parametrize("protocol, classes", [(Engine, (TorchEngine, NumpyEngine)),
                                               (Learner, (TorchLearner, NumpyLearner))])
def test_both_backends_offer_what_the_protocol_names(protocol, classes):
    for name, expected in methods(protocol).items():
        for found in classes:
            offered = inspect.signature(getattr(found, name)).parameters
            assert list(offered) == list(inspect.signature(expected).parameters), f"{found.__name__}.{name}"
            defaults = [one.default for one in offered.values()]
            assert defaults == [one.default for one in inspect.signature(expected).parameters.values()]


def test_a_learner_is_an_engine_that_can_also_train():
    more = methods(Learner).keys() - methods(Engine).keys()
    assert more == {"start_epoch", "train_batch", "moments", "load_moments", "random_state", "load_random_state"}
    for engine in (TorchEngine, NumpyEngine):
        assert not more & methods(engine).keys(), "an engine for inference cannot train"


def test_names_that_people_type():
    assert BACKENDS == ("torch", "numpy") and DEVICES == ("auto", "cpu", "cuda", "mps")
