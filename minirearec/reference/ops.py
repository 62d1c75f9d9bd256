"""The elementary operations of the model, each one equation, with its gradient. Twin: ``minirearec.nn.ops``.

Notation of the backward functions: ``G`` is the gradient of the loss with respect to the output (``grad_out``).
"""

import math
import zlib

import numpy as np
from numpy import ndarray

from minirearec.reference.normal import normal_cdf

LAYER_NORM_EPS = 1e-12
# A shorter vector does not become one of length 1. An item without features can begin at 0, where the gradient of a
# smaller bound would be so large that Adam's mean square forgets it only after thousands of steps.
SHORTEST = 1e-4


def embedding(table: ndarray, indices: ndarray) -> ndarray:
    """Look up rows of a table: ``out[...] = table[indices[...]]``.

    Shapes: table [V, D], indices [...] integers in 0..V-1, out [..., D]. Twin: ``nn.ops.embedding``.
    """
    return table[indices]


def embedding_backward(grad_out: ndarray, table: ndarray, indices: ndarray) -> ndarray:
    """Return dtable [V, D]: ``dtable[v] = sum of G over the places where v was looked up``."""
    grad_table = np.zeros_like(table)
    np.add.at(grad_table, indices.reshape(-1), grad_out.reshape(-1, table.shape[1]))
    return grad_table


def linear(x: ndarray, weight: ndarray, bias: ndarray) -> ndarray:
    """Apply an affine map to the last axis: ``y = x W^T + b``.

    Shapes: x [..., D_in], weight [D_out, D_in], bias [D_out], y [..., D_out]. Twin: ``nn.ops.linear``.
    """
    return x @ weight.T + bias


def linear_backward(grad_out: ndarray, x: ndarray, weight: ndarray, bias: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """Return dx, dW and db. With all leading axes flattened to rows R: ``y_ro = sum_i x_ri W_oi + b_o``, so

    ``dx = G W`` [R, D_in], ``dW = G^T x`` [D_out, D_in], ``db = sum_r G_r`` [D_out].
    """
    rows, inputs = grad_out.reshape(-1, len(weight)), x.reshape(-1, weight.shape[1])
    return grad_out @ weight, rows.T @ inputs, rows.sum(0)


def layer_norm(x: ndarray, weight: ndarray, bias: ndarray) -> ndarray:
    """Normalise the last axis (LayerNorm): ``y = (x - mean) / sqrt(var + 1e-12) * w + b``.

    The variance is the biased one (divided by D). Shapes: x and y [..., D], weight and bias [D].
    Source: Ba et al. 2016, arXiv 1607.06450. Twin: ``nn.ops.layer_norm``.
    """
    normal, _ = _normalise(x)
    return normal * weight + bias


def _normalise(x: ndarray) -> tuple[ndarray, ndarray]:
    """Return ``n = (x - mean) / s`` [..., D] and ``s = sqrt(var + 1e-12)`` [..., 1]."""
    centred = x - _mean(x)
    spread = np.sqrt(_mean(centred * centred) + LAYER_NORM_EPS)
    return centred / spread, spread


def _mean(x: ndarray) -> ndarray:
    """Return the mean over the last axis, kept with length 1; on one row, it takes a third of ndarray.mean's time."""
    return x.sum(-1, keepdims=True) / x.shape[-1]


def layer_norm_backward(grad_out: ndarray, x: ndarray, weight: ndarray,
                        bias: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """Return dx, dw and db. With ``y = n w + b``: ``dw = sum G n`` and ``db = sum G`` over rows, and ``dn = G w``.

    n depends on x directly, through the mean, and through the spread s (``ds/dx = n / D``). Together:
    ``dx = (dn - mean(dn) - n mean(dn n)) / s``, means over D. Shapes: dx [..., D], dw [D], db [D].
    """
    normal, spread = _normalise(x)
    grad_normal = grad_out * weight
    grad_x = (grad_normal - _mean(grad_normal) - normal * _mean(grad_normal * normal)) / spread
    rows = tuple(range(x.ndim - 1))
    return grad_x, (grad_out * normal).sum(rows), grad_out.sum(rows)


def gelu(x: ndarray) -> ndarray:
    """Compute the exact Gaussian error linear unit: ``x * Phi(x) = x/2 * (1 + erf(x / sqrt 2))``.

    Source: Hendrycks and Gimpel 2016, arXiv 1606.08415. Twin: ``nn.ops.gelu``.
    """
    return x * normal_cdf(x)


def gelu_backward(grad_out: ndarray, x: ndarray) -> ndarray:
    """Apply the product rule, with the normal density phi = Phi': ``dx = G (Phi(x) + x phi(x))``, any shape."""
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return grad_out * (normal_cdf(x) + x * density)


def softmax(x: ndarray) -> ndarray:
    """Compute the softmax over the last axis: ``exp(x) / sum(exp(x))``; entries of -inf become 0.

    Twin: ``nn.ops.softmax``.
    """
    powers = np.exp(x - x.max(-1, keepdims=True))  # the maximum cancels, and nothing overflows
    return powers / powers.sum(-1, keepdims=True)


def softmax_backward(grad_out: ndarray, x: ndarray) -> ndarray:
    """Return dx, shaped like x: ``dy_i/dx_j = y_i (1[i=j] - y_j)``, so ``dx = y (G - sum_i G_i y_i)``."""
    return through_softmax(grad_out, softmax(x))


def through_softmax(grad_out: ndarray, y: ndarray) -> ndarray:
    """Compute softmax_backward for a caller that already has the softmax y."""
    return y * (grad_out - (grad_out * y).sum(-1, keepdims=True))


def sigmoid(x: ndarray) -> ndarray:
    """Compute the logistic function: ``1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2``. Twin: ``nn.ops.sigmoid``."""
    return 0.5 * (1 + np.tanh(0.5 * x))  # nothing overflows


def sigmoid_backward(grad_out: ndarray, x: ndarray) -> ndarray:
    """Return dx, shaped like x: with y = sigmoid(x), ``dx = G y (1 - y)``."""
    y = sigmoid(x)
    return grad_out * y * (1 - y)


def unit(x: ndarray) -> ndarray:
    """Scale the last axis to length 1: ``y = x / max(|x|, 1e-4)``, so that dot products are cosines.

    Twin: ``nn.ops.unit``.
    """
    return x / _length(x)


def _length(x: ndarray) -> ndarray:
    """Return ``max(|x|, 1e-4)`` over the last axis, kept with length 1."""
    return np.maximum(np.sqrt((x * x).sum(-1, keepdims=True)), SHORTEST)


def unit_backward(grad_out: ndarray, x: ndarray) -> ndarray:
    """Return dx, shaped like x. With s = |x|: ``dy_i/dx_j = (1[i=j] - y_i y_j) / s``, so ``dx = (G - y (G . y)) / s``.

    A vector shorter than 1e-4 is divided by a constant: ``dx = G / 1e-4``.
    """
    length = _length(x)
    y = np.where(length > SHORTEST, x / length, 0)
    return (grad_out - y * (grad_out * y).sum(-1, keepdims=True)) / length


class Dropout:
    """Inverted dropout: zero an entry with probability p, divide the others by 1 - p.

    Call it as ``drop(x, site)``. ``site`` names the place, such as ``"items.block0.attention"``; places
    whose name ends in ``input`` or ``adaptor`` use the rate of that name, all others the inside rate. ``None`` instead
    of a Dropout means no dropout. What is dropped depends only on the seed, the site and the shape, so a
    backward pass that repeats the forward drops the same entries. Give every batch its own seed.
    Source: Srivastava et al. 2014. Twin: ``nn.ops.Dropout``, which draws from torch's own generator.
    """

    def __init__(self, inside: float, input: float, seed: int, adaptor: float = 0.0):
        self.inside, self.input, self.seed, self.adaptor = inside, input, seed, adaptor

    def _draws(self, site: str) -> np.random.Generator:
        key = np.array([self.seed, zlib.crc32(site.encode())], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key))

    def normal(self, x: ndarray, site: str) -> ndarray:
        """Draw numbers from N(0, 1), as many as x has: noise that training adds at a place."""
        return self._draws(site).standard_normal(x.shape, dtype=np.float32).astype(x.dtype)

    def __call__(self, x: ndarray, site: str) -> ndarray:
        rate = self.input if site.endswith("input") else self.adaptor if site.endswith("adaptor") else self.inside
        if rate == 0:
            return x
        keep = self._draws(site).random(x.shape, dtype=np.float32) >= rate
        return np.where(keep, x / (1 - rate), 0)


def apply_dropout(x: ndarray, drop, site: str) -> ndarray:
    """Return ``drop(x, site)``, or x itself when drop is None. Twin: ``nn.ops.apply_dropout``."""
    return x if drop is None else drop(x, site)


def apply_dropout_backward(grad_out: ndarray, x: ndarray, drop, site: str) -> ndarray:
    """Apply the same dropout to G: it multiplies each entry by a constant m (0 or 1/(1-p)), so ``dx = m G``."""
    return apply_dropout(grad_out, drop, site)
