"""The table of methods: everything in which the ways of training differ, except the loss.

The loss is in ``nn/objectives`` and ``reference/objectives``, under the method's ``objective`` name. To add a method,
write those two files and one entry here; ``minirearec.register`` does the same from outside the package.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from minirearec.parts import Start
from minirearec.registry import Registry


def no_weights(config) -> dict[str, Any]:
    """Return no weights: most methods learn nothing besides the model."""
    return {}


def one_state(settings, steps: int) -> int:
    """Return 1: most losses score one state of a position."""
    return 1


def gate_weights(config) -> dict:
    """Return the weights of a gate over r_0..r_K. It begins as their even mixture."""
    return {"gate": {"weight": Start((config.steps + 1, config.width), 0.0), "bias": Start((config.steps + 1,), 0.0)}}


@dataclass(frozen=True, eq=False)
class Method:
    """One way of training the model.

    ``defaults`` are settings that replace the defaults of ``Config``. ``combined`` names the row of results that
    combines the states r_0..r_K into the model's answer; without it the answer is r_K. ``warmup`` are settings of the
    objective for the first ``warmup_epochs``. ``weights`` takes a ModelConfig and returns what the method learns
    besides the model. ``scored_states`` takes an ObjectiveConfig and K, and returns how many states of a position the
    loss multiplies with the catalogue: ``minirearec bench`` counts the work with it.
    """

    name: str
    help: str
    objective: str = ""  # the name of its loss in both backends; empty: the method's name
    defaults: Mapping[str, Any] = field(default_factory=dict)
    neural: bool = True  # False: fitted by counting
    reasons: bool = True  # whether it takes reasoning steps
    reasoning_positions: bool = True  # whether reasoning inputs are marked by the embeddings p_k
    contrasts_noise: bool = False  # whether the loss contrasts states with those of noised reasoning inputs
    combined: str = ""
    warmup: Mapping[str, Any] = field(default_factory=dict)
    weights: Callable[[Any], dict[str, Any]] = no_weights
    scored_states: Callable[[Any, int], int] = one_state
    samples: bool = False  # whether its loss can use ``Positions.negatives`` in place of the whole catalogue
    shares_targets: bool = False  # whether its loss reads ``Positions.soft`` and contrasts states by their targets

    @property
    def loss(self) -> str:
        """Return the name under which both backends keep the loss."""
        return self.objective or self.name

    def settings(self, configured, epoch: int):
        """Return the ObjectiveConfig of an epoch, counted from 1: the configured one, changed during warm-up."""
        return replace(configured, **self.warmup) if epoch <= configured.warmup_epochs else configured

    def draws_noise(self, settings, steps: int) -> bool:
        """Return whether training with this ObjectiveConfig takes every step a second time, from a noised input."""
        return bool(self.contrasts_noise and steps and settings.contrastive_weight)


METHODS: Registry[Method] = Registry("method", "--method")
METHODS.update({one.name: one for one in (
    Method("base", "no reasoning: cross-entropy on the last state r_0", "last_step", {"steps": 0}, reasons=False,
           samples=True, shares_targets=True),
    Method("naive", "K reasoning steps without reasoning position embeddings, cross-entropy on r_K", "last_step",
           reasoning_positions=False, samples=True, shares_targets=True),
    Method("rpe", "naive plus reasoning position embeddings", "last_step", samples=True, shares_targets=True),
    Method("erl", "rpe plus Ensemble Reasoning Learning: the mean of r_0..r_K; --kl-weight keeps them apart",
           combined="mean of steps", warmup={"kl_weight": 0.0},
           scored_states=lambda settings, steps: steps + 1 if settings.kl_weight else 1, samples=True,
           shares_targets=True),
    Method("prl", "rpe plus Progressive Reasoning Learning: a sharper softmax at every step, and self-correction",
           contrasts_noise=True, warmup={"contrastive_weight": 0.0}, scored_states=lambda settings, steps: steps + 1,
           samples=True, shares_targets=True),
    Method("teacher", "rpe plus a teacher: early steps learn what counts expect to follow, the last step the target",
           defaults={"soft_targets": "counts", "soft_weight": 1.0},
           scored_states=lambda settings, steps: steps + 1, shares_targets=True),
    Method("gate", "rpe plus a gate: a mixture of the distributions of r_0..r_K, with weights that a softmax of the "
           "states gives for each history", combined="gate over steps", weights=gate_weights,
           scored_states=lambda settings, steps: steps + 1, shares_targets=True),
    Method("counts", "no neural network: counts of what followed what, the baseline to beat; see --counts",
           defaults={"steps": 0}, neural=False, reasons=False))})
