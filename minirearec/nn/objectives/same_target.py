"""Contrast states by their targets, in PyTorch. Twin: ``minirearec.reference.objectives.same_target``."""

import torch
from torch import Tensor

from minirearec.nn.chunked import ChunkedCrossEntropy
from minirearec.nn.whole_batch import whole_batch
from minirearec.targets import partners


def same_target_contrast(states: Tensor, targets: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """Pull together the states of different histories before the same item, away from those before other items.

    ``-mean_p log( exp(s_pp') / (exp(s_pp') + sum_q exp(s_pq')) )`` with ``s_pq = r_p . r_q / tau``, over the positions
    that have a partner p' (see ``targets.partners``); 0 if none has. The sum has all partners q' of other targets and
    other histories. Partners are in the batch already; DuoRec encodes one more history for each position.

    Shapes: states [P, D], targets and groups [P] indices, out: scalar. Source: Qiu et al. 2022, "DuoRec", arXiv
    2110.05730 (its supervised term). Twin: ``reference.objectives.same_target.same_target_contrast``.
    """
    states, histories, _ = whole_batch(states, torch.stack([targets, groups], 1), None)
    first, second = (torch.from_numpy(part).to(states.device) for part in partners(*histories.cpu().numpy().T))
    if not len(first):
        return 0.0 * states.sum()
    left_out = tuple(zip(histories[first].T, histories[second].T, strict=True))  # by target, by history
    positives = torch.arange(len(first), device=states.device)
    return ChunkedCrossEntropy.apply(states[first], states[second], positives, temperature, left_out)
