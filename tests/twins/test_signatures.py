"""Every public function of ``nn`` has a twin with the same name and arguments in ``reference``, and vice versa."""

import importlib
import inspect

import pytest

from minirearec.parts import REASONERS
from tests.twins.pairs import ARGUMENTS, MODULES

# The only differences. Only tensors have a device; a seed replaces torch's generator.
MORE_ARGUMENTS_IN_NN = {("attention", "causal_mask"): ["device"], ("ops", "Dropout"): ["generator"]}
MORE_ARGUMENTS_IN_REFERENCE = {("ops", "Dropout"): ["seed"]}
# Helpers of the backward passes, which PyTorch does not need.
ONLY_IN_REFERENCE = {
    "ops": {"through_softmax"},
    "attention": set(),
    "backbones.blocks": set(),
    "backbones.transformer": {"transform_keeping", "transform_way_back", "transform_last_keeping",
                              "transform_last_way_back"},
    "backbones.sasrec": {"encode_keeping", "encode_last_keeping"},
    "backbones.bert4rec": {"encode_keeping", "encode_last_keeping"},
    "items.id": set(),
    "items.unisrec": set(),
    "items.morec": set(),
    **{f"reasoners.{name}": {"step_keeping", "step_way_back"} for name in REASONERS},
    "encoding": {"first_keeping", "first_way_back"},
    "steps": {"reasoning_step_keeping", "reasoning_step_way_back"},
    "reasoning": {"reason_keeping", "reason_way_back", "states_keeping", "states_way_back"},
    "positions": set(),
    "sampled": {"sampled_value_and_grad", "sampled_ensemble_value_and_grad"},
    "soft": {"softening_value_and_grad"},
    "objectives.common": {"scaled", "value_and_grad", "info_nce_value_and_grad"},
    "objectives.last_step": {"last_step_loss_value_and_grad"},
    "objectives.erl": {"erl_loss_value_and_grad"},
    "objectives.prl": {"prl_loss_value_and_grad"},
    "objectives.mixture": set(),
    "objectives.gate": set(),
    "objectives.teacher": {"teacher_loss_value_and_grad"},
    "objectives.same_target": {"same_target_contrast_value_and_grad"},
}


def public(side: str, module: str) -> dict:
    """Return the public functions and classes that a module itself defines."""
    found = importlib.import_module(f"minirearec.{side}.{module}")
    return {name: value for name, value in vars(found).items() if not name.startswith("_")
            and (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == found.__name__}


def signature(function, without=()) -> list:
    """Return the names, defaults and kinds of the arguments, in order."""
    parameters = inspect.signature(function).parameters.values()
    return [(one.name, one.default, one.kind) for one in parameters if one.name not in without]


@pytest.mark.parametrize("module", MODULES)
def test_the_names_are_the_same(module):
    theirs = set(public("nn", module))
    ours = {name for name in public("reference", module) if not name.endswith("_backward")}
    assert theirs and ours - ONLY_IN_REFERENCE[module] == theirs
    assert ours >= ONLY_IN_REFERENCE[module], "an exception that no longer exists"


@pytest.mark.parametrize("module", MODULES)
def test_the_arguments_are_the_same(module):
    theirs, ours = public("nn", module), public("reference", module)
    for name in theirs:
        more, fewer = (exceptions.get((module, name), [])
                       for exceptions in (MORE_ARGUMENTS_IN_NN, MORE_ARGUMENTS_IN_REFERENCE))
        assert signature(theirs[name], more) == signature(ours[name], fewer), name


@pytest.mark.parametrize("module", MODULES)
def test_a_backward_takes_the_gradient_and_then_the_arguments_of_its_forward(module):
    functions = public("reference", module)
    for name in functions:
        if name.endswith("_backward"):
            first, *rest = signature(functions[name])
            assert first[0] == "grad_out" and rest == signature(functions[name.removesuffix("_backward")]), name


@pytest.mark.parametrize("module", MODULES)
def test_every_pair_is_compared(module):
    """Without this, a new function could lack tests of its values and gradients."""
    functions = {name for name, value in public("nn", module).items() if inspect.isfunction(value)}
    assert functions == {pair.rpartition(".")[2] for pair in ARGUMENTS if pair.rpartition(".")[0] == module}


@pytest.mark.parametrize("module", MODULES)
def test_each_docstring_names_the_twin(module):
    for side, other in (("nn", "reference"), ("reference", "nn")):
        for name in public("nn", module):
            assert f"``{other}.{module}.{name}``" in inspect.getdoc(public(side, module)[name]), (side, name)
