"""The functions that objectives share: scores, cross-entropy and contrast, in PyTorch.

Twin: ``minirearec.reference.objectives.common``.
"""

import torch
from torch import Tensor

from minirearec.nn.chunked import ChunkedCrossEntropy
from minirearec.nn.sampled import gbce, sampled_softmax
from minirearec.nn.soft import softening
from minirearec.nn.whole_batch import whole_batch
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def scores(states: Tensor, table: Tensor, temperature: float) -> Tensor:
    """Return the scores of the whole catalogue: ``r E^T / tau``.

    Shapes: states [..., D], table [V, D], out [..., V]. Twin: ``reference.objectives.common.scores``.
    """
    return states @ table.T / temperature


def user_state(states: Tensor, ensemble: bool) -> Tensor:
    """Return the state that represents the user: the mean of r_0..r_K (ERL), else r_K.

    Shapes: states [..., K+1, D], out [..., D]. Source: paper Eq. 6. Twin: ``reference.objectives.common.user_state``.
    """
    return states.mean(-2) if ensemble else states[..., -1, :]


def cross_entropy(states: Tensor, table: Tensor, targets: Tensor, temperature: float,
                  negatives: Negatives | None = None, soft: SoftTargets | None = None) -> Tensor:
    """Compute the mean full-softmax loss: ``-log softmax(r E^T / tau)[target]``, in chunks of positions.

    With negatives it is a sampled loss in its place: ``sampled.sampled_softmax`` or ``sampled.gbce``. With ``soft`` the
    target is a distribution q: ``-sum_v q(v) log softmax(r E^T / tau)[v]``.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. The [P, V] scores never exist
    in full: the same sweep computes their gradient. Twin: ``reference.objectives.common.cross_entropy``.
    """
    if negatives is not None:
        assert soft is None, "a sampled loss has no soft targets"
        return (sampled_softmax if negatives.beta is None else gbce)(states, table, targets, temperature, negatives)
    loss = ChunkedCrossEntropy.apply(states, table, targets, temperature)
    return loss if soft is None else loss + softening(states, table, targets, temperature, soft)


def with_first_items(loss: Tensor, count: int, empty: Tensor, table: Tensor, targets: Tensor, temperature: float,
                     negatives: Negatives | None = None) -> Tensor:
    """Add the first items of histories to a mean loss L over P = ``count`` positions: ``(P L + F CE) / (P + F)``.

    The empty history has one state s, whatever the method; CE is the ``cross_entropy`` of s and the F first items.
    Shapes: loss and out scalars, empty [D], table [V, D], targets [F], F perhaps 0.
    Source: BSARec, arXiv 2312.10325, whose samples include the empty prefix. Twin:
    ``reference.objectives.common.with_first_items``.
    """
    F = len(targets)
    own = cross_entropy(empty.expand(F, -1), table, targets, temperature, negatives) if F else 0 * empty.sum()
    return (count * loss + F * own) / (count + F) if F else loss + own


def info_nce(noised: Tensor, clean: Tensor, temperature: float, groups: Tensor | None = None) -> Tensor:
    """Contrast each noised state with the clean states: its own position is the positive, the others are negatives.

    ``-mean_p log( exp(s_pp) / sum_q exp(s_pq) )`` with ``s_pq = noised_p . clean_q / tau``. The sum leaves out
    other positions q of the same group as p: prefixes of one history, or of one window of it, are not negatives.

    Shapes: noised and clean [P, D], groups [P] integers or None (a group per position), out: scalar.
    Source: paper Eq. 13. Twin: ``reference.objectives.common.info_nce``.
    """
    noised, clean, groups = whole_batch(noised, clean, groups)
    targets = torch.arange(len(noised), device=noised.device)
    left_out = () if groups is None else ((groups, groups),)
    return ChunkedCrossEntropy.apply(noised, clean, targets, temperature, left_out)
