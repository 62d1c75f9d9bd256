"""Losses over the whole catalogue that never hold all [P, V] scores at once.

We process positions in chunks and compute the gradient of a chunk while its scores are still in the
processor's cache; only [P, D] and [V, D] gradients are kept. This file is the algorithm; the equations
are in ``objectives``, and a test compares both with the plain form.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Scores held at a time: 1.5 million numbers, 6 MB in float32; the fastest size that we measured on two cores.
CHUNK_SCORES = 1_500_000
# But at least this many rows: with fewer, reading the table takes longer than the products. 128 MB for 1,000,000 items.
FEWEST_ROWS = 32
FAR = -87.0  # e^-87 is just above the smallest normal float32


_factors: ContextVar[torch.dtype | None] = ContextVar("factors", default=None)


@contextmanager
def round_factors(dtype: torch.dtype | None) -> Iterator[None]:
    """Round the factors of all products by this file to a type such as bf16, inside a ``with``; None rounds nothing.

    Unlike ``torch.autocast``, this leaves every other product as it is, also in a loss that a user wrote.
    """
    before = _factors.set(dtype)
    try:
        yield
    finally:
        _factors.reset(before)


def product(x: Tensor, weight: Tensor) -> Tensor:
    """Return ``x @ weight`` in the type of x, from factors that ``round_factors`` rounds."""
    dtype = _factors.get() or x.dtype
    return (x.to(dtype) @ weight.to(dtype)).to(x.dtype)


def chunk_rows(catalogue: int) -> int:
    """Return how many rows of scores over the catalogue are held at a time."""
    return max(FEWEST_ROWS, CHUNK_SCORES // catalogue)


def softmax_in_place(scores: Tensor, far: bool = False) -> tuple[Tensor, Tensor]:
    """Replace scores [R, V] by exp(scores - max); return their sums and the log-sum-exp, both [R, 1].

    ``far``: scores may be so far apart that the exp of some is a subnormal float32. We measured that such an exp takes
    12 to 30 times as long as others, so we take that of ``FAR``, which changes no sum.
    """
    top = scores.amax(1, keepdim=True)
    scores.sub_(top)
    total = (scores.clamp_min_(FAR) if far else scores).exp_().sum(1, keepdim=True)
    return total, top + total.log()


class Products:
    """Matrix products with the table [V, D] for chunks of up to R states, in memory that every chunk uses again.

    Under ``round_factors`` the factors are rounded. Results are in the table's own type, and so is the gradient of the
    table, the sum over all chunks.
    """

    def __init__(self, table: Tensor, rows: int):
        self.dtype = _factors.get() or table.dtype
        self.rounds = self.dtype != table.dtype
        self.table, self.table_gradient = table.to(self.dtype), torch.zeros_like(table)
        self.memory = table.new_empty(rows, len(table))
        self.rounded = self.table.new_empty(rows, len(table)) if self.rounds else self.memory

    def scores(self, states: Tensor) -> Tensor:
        """Return ``states @ table.T`` [R, V], valid until the next call."""
        product = torch.mm(states.to(self.dtype), self.table.T, out=self.rounded[:len(states)])
        return self.memory[:len(states)].copy_(product) if self.rounds else product

    def gradients(self, of_scores: Tensor, states: Tensor) -> Tensor:
        """Return ``of_scores @ table`` [R, D] and add ``of_scores.T @ states`` to the table's gradient."""
        if not self.rounds:
            self.table_gradient.addmm_(of_scores.T, states)
            return of_scores @ self.table
        rounded = self.rounded[:len(states)].copy_(of_scores)
        self.table_gradient += rounded.T @ states.to(self.dtype)
        return (rounded @ self.table).to(of_scores.dtype)


class ChunkedCrossEntropy(torch.autograd.Function):
    """``mean_p logsumexp(z_p) - z_p[target_p]`` with ``z = states @ table.T / temperature``.

    Gradient: ``dz_p = (softmax(z_p) - onehot(target_p)) / P``, ``dstates = dz table / tau``,
    ``dtable = dz^T states / tau``. ``left_out`` (for contrasts) holds pairs of groups (of positions [P], of the table's
    rows [V]): the sum of a position leaves out the rows of its group, but for its target.
    """

    @staticmethod
    def forward(ctx, states, table, targets, temperature, left_out=()):
        P, V = len(states), len(table)
        step = min(P, chunk_rows(V))
        products, scale = Products(table, step), 1.0 / (P * temperature)
        ctx.wants_gradient = any(ctx.needs_input_grad[:2])
        loss, grad_states = states.new_zeros(()), torch.empty_like(states)
        for start in range(0, P, step):
            rows = slice(start, start + step)
            scores = products.scores(states[rows] / temperature)  # [R, V]
            targeted = scores.gather(1, targets[rows, None])
            for own, others in left_out:
                scores.masked_fill_(own[rows, None] == others, float("-inf"))
                scores.scatter_(1, targets[rows, None], targeted)
            total, log_total = softmax_in_place(scores, far=bool(left_out))
            loss += (log_total - targeted).sum()
            if ctx.wants_gradient:
                share = scale / total  # scores * share is the softmax, scaled
                grad_states[rows] = products.gradients(scores, states[rows] * share) * share
        if ctx.wants_gradient:
            grad_states -= table[targets] * scale
            grad_table = products.table_gradient.index_add_(0, targets, states, alpha=-scale)
            ctx.save_for_backward(grad_states, grad_table)
        return loss / P

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        grad_states, grad_table = ctx.saved_tensors
        return grad * grad_states, grad * grad_table, None, None, None


class ChunkedEnsembleLoss(torch.autograd.Function):
    """ERL's loss: cross-entropy of the mean state and the KL term in one sweep over M = K+1 states.

    Scores are linear in the state, so the scores of the mean state are the mean of the M score rows z_i.
    With ``y_i = softmax(z_i)``, ``L_i = logsumexp(z_i)`` and ``d_i = z_i - mean_j z_j``:
    ``mean_{i != j} KL(y_i || y_j) = sum_i (y_i . d_i - L_i + mean_j L_j) / (M-1)``, where the L cancel.
    Since the second distribution of a pair is a constant, ``dz_i = y_i * (d_i - y_i . d_i) / (M-1)``.
    """

    @staticmethod
    def forward(ctx, states, table, targets, temperature, kl_weight):
        P, M, D = states.shape
        V = len(table)
        step = min(P, max(1, chunk_rows(V) // M))
        products, kl_scale = Products(table, step * M), kl_weight / (M - 1)
        ctx.wants_gradient = any(ctx.needs_input_grad[:2])
        loss, grad_states = states.new_zeros(()), torch.empty_like(states)
        exps, means = table.new_empty(step, M, V), table.new_empty(step, V)
        for start in range(0, P, step):
            rows = slice(start, start + step)
            flat = states[rows].reshape(-1, D) / temperature
            gaps = products.scores(flat).view(-1, M, V)  # z
            R = len(gaps)
            mean = torch.mean(gaps, 1, out=means[:R])  # scores of the mean state
            exp = torch.sub(gaps, gaps.amax(2, keepdim=True), out=exps[:R]).exp_()
            share = 1 / exp.sum(2, keepdim=True)  # exp * share is y
            gaps.sub_(mean[:, None])  # d
            expected = torch.linalg.vecdot(exp, gaps)[..., None] * share  # y . d [R, M, 1]
            targeted = mean.gather(1, targets[rows, None])
            total, log_total = softmax_in_place(mean)
            loss += (log_total - targeted).sum() - kl_scale * expected.sum()
            if ctx.wants_gradient:
                mean.div_(M * total)
                dz = gaps.sub_(expected).mul_(-kl_scale * share).mul_(exp).add_(mean[:, None])
                grad_states[rows] = products.gradients(dz.view(-1, V), flat).view(-1, M, D)
        if ctx.wants_gradient:
            grad_states -= (table[targets] / M)[:, None]
            grad_states /= P * temperature
            grad_table = products.table_gradient.index_add_(0, targets, states.mean(1), alpha=-1 / temperature)
            grad_table /= P
            ctx.save_for_backward(grad_states, grad_table)
        return loss / P

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        grad_states, grad_table = ctx.saved_tensors
        return grad * grad_states, grad * grad_table, None, None, None


class ChunkedMixtureLoss(torch.autograd.Function):
    """``-mean_p sum_v q_v log m_v`` with ``m = sum_k g_k y_k``, ``y_k = softmax(r_k E^T / tau)``, ``g = softmax(a)``.

    The target distribution q has ``shares`` [P, S] of the ``items`` [P, S], and e / V of every item (e: ``even``). With
    ``w_kv = q_v g_k y_kv / m_v``, the responsibility of state k for item v, and the sums ``s_k = sum_v w_kv``, the
    gradients of a position are ``dz_k = s_k y_k - w_k`` and ``da = g - s``. One sweep over the M scores of each
    position.
    """

    @staticmethod
    def forward(ctx, states, logits, table, items, shares, even, temperature):
        (P, M, D), V = states.shape, len(table)
        step = min(P, max(1, chunk_rows(V) // M))
        products, gate = Products(table, step * M), logits.log_softmax(1)
        ctx.wants_gradient = any(ctx.needs_input_grad[:3])
        loss, grad_states = states.new_zeros(()), torch.empty_like(states)
        sums = torch.empty_like(logits)
        for start in range(0, P, step):
            rows = slice(start, start + step)
            flat, wanted = states[rows].reshape(-1, D) / temperature, items[rows]  # [R M, D], [R, S]
            scores = products.scores(flat)
            z = scores.view(-1, M, V)
            asked, others = z.gather(2, wanted[:, None].expand(-1, M, -1)), z[:, :, :V if even else 0].clone()
            total, log_total = softmax_in_place(scores)
            offset = (gate[rows] - log_total.view(-1, M))[..., None]  # z + offset is log g_k y_k
            part, given = _shared(asked + offset, shares[rows, None])
            more, rest = _shared(others.add_(offset), even / V)
            loss -= part + more
            sums[rows] = given.sum(2) + rest.sum(2)
            if ctx.wants_gradient:
                dz = scores.mul_(sums[rows].reshape(-1, 1) / total)  # s y
                if even:
                    dz.sub_(rest.flatten(0, 1))
                grad_states[rows] = products.gradients(dz, flat).view(-1, M, D) - given @ table[wanted]
                products.table_gradient.index_add_(0, wanted.flatten(), (given.mT @ states[rows]).flatten(0, 1),
                                                   alpha=-1 / temperature)
        if ctx.wants_gradient:
            ctx.save_for_backward(grad_states / (P * temperature), (gate.exp() - sums) / P,
                                  products.table_gradient / P)
        return loss / P

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        grad_states, grad_logits, grad_table = ctx.saved_tensors
        return grad * grad_states, grad * grad_logits, grad * grad_table, None, None, None, None


def _shared(joint: Tensor, q) -> tuple[Tensor, Tensor]:
    """Return ``sum q log m`` and w, from ``log g_k y_kv`` [R, M, S] of some items and their q."""
    log_mixture = joint.logsumexp(1, keepdim=True)
    return (q * log_mixture).sum(), q * (joint - log_mixture).exp()
