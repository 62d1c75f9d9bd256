"""The elementary operations of the model, in PyTorch. Twin: ``minirearec.reference.ops``.

The model computes everything with these few functions; each is one equation.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

LAYER_NORM_EPS = 1e-12
# A shorter vector does not become one of length 1. An item without features can begin at 0, where the gradient of a
# smaller bound would be so large that Adam's mean square forgets it only after thousands of steps.
SHORTEST = 1e-4


def embedding(table: Tensor, indices: Tensor) -> Tensor:
    """Look up rows of a table: ``out[...] = table[indices[...]]``.

    Shapes: table [V, D], indices [...] integers in 0..V-1, out [..., D].
    Twin: ``reference.ops.embedding``.
    """
    return F.embedding(indices, table)


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Apply an affine map to the last axis: ``y = x W^T + b``.

    Shapes: x [..., D_in], weight [D_out, D_in], bias [D_out], y [..., D_out].
    Twin: ``reference.ops.linear``.
    """
    return F.linear(x, weight, bias)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Normalise the last axis (LayerNorm): ``y = (x - mean) / sqrt(var + 1e-12) * w + b``.

    The variance is the biased one (divided by D). Shapes: x and y [..., D], weight and bias [D].
    Source: Ba et al. 2016, arXiv 1607.06450. Twin: ``reference.ops.layer_norm``.
    """
    return F.layer_norm(x, x.shape[-1:], weight, bias, LAYER_NORM_EPS)


def gelu(x: Tensor) -> Tensor:
    """Compute the exact Gaussian error linear unit: ``x * Phi(x) = x/2 * (1 + erf(x / sqrt 2))``.

    Source: Hendrycks and Gimpel 2016, arXiv 1606.08415. Twin: ``reference.ops.gelu``.
    """
    return F.gelu(x)


def softmax(x: Tensor) -> Tensor:
    """Compute the softmax over the last axis: ``exp(x) / sum(exp(x))``; entries of -inf become 0.

    Twin: ``reference.ops.softmax``.
    """
    return torch.softmax(x, -1)


def sigmoid(x: Tensor) -> Tensor:
    """Compute the logistic function: ``1 / (1 + exp(-x))``. Twin: ``reference.ops.sigmoid``."""
    return torch.sigmoid(x)


def unit(x: Tensor) -> Tensor:
    """Scale the last axis to length 1: ``y = x / max(|x|, 1e-4)``, so that dot products are cosines.

    Twin: ``reference.ops.unit``.
    """
    return F.normalize(x, dim=-1, eps=SHORTEST)


class Dropout:
    """Inverted dropout: zero an entry with probability p, divide the others by 1 - p.

    Call it as ``drop(x, site)``. ``site`` names the place, such as ``"items.block0.attention"``; places
    whose name ends in ``input`` or ``adaptor`` use the rate of that name, all others the inside rate. ``None`` instead
    of a Dropout means no dropout. The draws come from ``generator``, so that a seed repeats them. One random number of
    64 bits decides four elements, so p is rounded to a multiple of 2^-16: ``bernoulli_`` would take six times as long.
    Source: Srivastava et al. 2014. Twin: ``reference.ops.Dropout``.
    """

    def __init__(self, inside: float, input: float, generator: torch.Generator | None = None, adaptor: float = 0.0):
        self.inside, self.input, self.generator, self.adaptor = inside, input, generator, adaptor

    def normal(self, x: Tensor, site: str) -> Tensor:
        """Draw numbers from N(0, 1), as many as x has: noise that training adds at a place."""
        return torch.empty_like(x).normal_(generator=self.generator)

    def __call__(self, x: Tensor, site: str) -> Tensor:
        rate = self.input if site.endswith("input") else self.adaptor if site.endswith("adaptor") else self.inside
        if rate == 0:
            return x
        dropped = min(round(rate * 2**16), 2**16 - 1)  # of 2^16 equally likely draws
        numbers = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
        draws = numbers.random_(-2**63, None, generator=self.generator).view(torch.int16)[:x.numel()].view(x.shape)
        kept = (draws >= dropped - 2**15).to(x.dtype)
        return x * kept.mul_(2**16 / (2**16 - dropped))

    def seed(self, device: torch.device) -> int:
        """Draw a seed, for what has to repeat its draws."""
        return int(torch.randint(2**63 - 1, (), generator=self.generator, device=device))


def apply_dropout(x: Tensor, drop, site: str) -> Tensor:
    """Return ``drop(x, site)``, or x itself when drop is None. Twin: ``reference.ops.apply_dropout``."""
    return x if drop is None else drop(x, site)
