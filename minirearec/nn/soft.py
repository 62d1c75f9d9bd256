"""What soft targets add to a cross-entropy, in PyTorch. Twin: ``minirearec.reference.soft``."""

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from minirearec.targets import SoftTargets


def softening(states: Tensor, table: Tensor, targets: Tensor, temperature: float, soft: SoftTargets) -> Tensor:
    """Compute the cross-entropy against the distributions q_p minus that against the targets alone.

    Both have the same logsumexp, so it is ``mean_p z_pt - sum_v q_p(v) z_pv``. Scores are linear in the state:
    ``mean_p r_p . (e_t - sum_v q_p(v) e_v) / tau``. We need the vectors of the items in q_p, and no further scores of
    the catalogue. For q see ``targets.SoftTargets``.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar.
    Source: Szegedy et al. 2016, arXiv 1512.00567 (label smoothing); Hinton et al. 2015, arXiv 1503.02531 (a teacher's
    distribution). Twin: ``reference.soft.softening``.
    """
    given = torch.from_numpy(soft.shares).to(table.device, table.dtype)  # [P, S]
    items = torch.cat([targets[:, None], torch.from_numpy(soft.items).to(table.device)], 1)
    shares = torch.cat([given.sum(1, keepdim=True) + soft.even, -given], 1)
    gaps = embedding_bag(items, table, per_sample_weights=shares, mode="sum")  # [P, D]
    if soft.even:
        gaps = gaps - soft.even * table.mean(0)
    return (states * gaps).sum() / (len(states) * temperature)
