"""Multi-head attention over items and over reasoning steps, with gradients. Twin: ``minirearec.nn.attention``.

Source: Vaswani et al. 2017 (attention), Kang and McAuley 2018 (SASRec: the causal mask), paper section 3.2
(the reasoning steps). ``G`` is the gradient of the loss with respect to the output.
"""

import math

import numpy as np
from numpy import ndarray

from minirearec.reference.ops import apply_dropout, apply_dropout_backward, softmax, through_softmax


def causal_mask(T: int) -> ndarray:
    """Return which items each position may see: ``mask[i, j] = (j <= i)``.

    Shape: [1, 1, T, T], booleans; the leading axes stand for any batch and any head.
    Twin: ``nn.attention.causal_mask``.
    """
    position = np.arange(T)
    return (position[None, :] <= position[:, None])[None, None]


def last_mask(lengths: ndarray, T: int) -> ndarray:
    """Return which items the last position of each history may see: ``mask[b, j] = (j < lengths[b])``.

    Shapes: lengths [B], mask [B, 1, 1, T] booleans. Twin: ``nn.attention.last_mask``.
    """
    return (np.arange(T) < lengths[:, None])[:, None, None, :]


def split_heads(x: ndarray, heads: int) -> ndarray:
    """Split the width into heads: [B, T, D] -> [B, H, T, D/H]. Twin: ``nn.attention.split_heads``."""
    B, T, D = x.shape
    return x.reshape(B, T, heads, D // heads).swapaxes(1, 2)  # [B, H, T, D/H]


def split_heads_backward(grad_out: ndarray, x: ndarray, heads: int) -> ndarray:
    """Move every entry of the gradient back to its place: [B, H, T, D/H] -> [B, T, D]."""
    return merge_heads(grad_out)


def merge_heads(x: ndarray) -> ndarray:
    """Undo split_heads: [B, H, T, D/H] -> [B, T, D]. Twin: ``nn.attention.merge_heads``."""
    B, H, T, d = x.shape
    return x.swapaxes(1, 2).reshape(B, T, H * d)  # [B, T, D]


def merge_heads_backward(grad_out: ndarray, x: ndarray) -> ndarray:
    """Move every entry of the gradient back to its place: [B, T, D] -> [B, H, T, D/H]."""
    return split_heads(grad_out, x.shape[1])


def attention(query: ndarray, key: ndarray, value: ndarray, mask: ndarray, drop=None, site: str = "",
              bias: ndarray | None = None) -> ndarray:
    """Compute scaled dot-product attention: ``softmax(q k^T / sqrt(d) + bias + log mask) v`` with d = D/H.

    Shapes: query [B, H, Q, d], key and value [B, H, T, d], mask [1 or B, 1, Q, T] booleans with at
    least one True per row, bias [1 or B, H, Q, T] or None, out [B, H, Q, d]. ``drop`` acts on the weights.
    Twin: ``nn.attention.attention``.
    """
    weights = _weights(query, key, mask, bias)
    return apply_dropout(weights, drop, site + "weights") @ value


def _weights(query: ndarray, key: ndarray, mask: ndarray, bias: ndarray | None) -> ndarray:
    """Return the attention weights of each query: ``softmax(q k^T / sqrt(d) + bias + log mask)`` [B, H, Q, T]."""
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    scores = scores if bias is None else scores + bias
    return softmax(np.where(mask, scores, -np.inf))


def attention_backward(grad_out: ndarray, query: ndarray, key: ndarray, value: ndarray, mask: ndarray, drop=None,
                       site: str = "", bias: ndarray | None = None) -> tuple[ndarray, ndarray, ndarray, ndarray | None]:
    """Return dq, dk, dv and dbias. With ``A = softmax(S)``, ``S = q k^T / sqrt(d) + bias``, ``out = drop(A) v``:

    ``dv = drop(A)^T G`` [T, d], ``dA = drop'(G v^T)`` [Q, T], ``dS = A (dA - sum_t dA A)`` (0 where the mask
    is False, as A is), ``dq = dS k / sqrt(d)`` [Q, d], ``dk = dS^T q / sqrt(d)`` [T, d], ``dbias = dS`` (summed over
    the rows of a batch that share it; None without a bias).
    """
    weights, place = _weights(query, key, mask, bias), site + "weights"
    grad_value = apply_dropout(weights, drop, place).swapaxes(-1, -2) @ grad_out
    grad_weights = apply_dropout_backward(grad_out @ value.swapaxes(-1, -2), weights, drop, place)
    grad_logits = through_softmax(grad_weights, weights)
    grad_scores = grad_logits / math.sqrt(query.shape[-1])
    return grad_scores @ key, grad_scores.swapaxes(-1, -2) @ query, grad_value, _summed(grad_logits, bias)


def _summed(grad_logits: ndarray, bias: ndarray | None) -> ndarray | None:
    """Return the gradient of the bias: that of the logits, summed over the rows that share it."""
    return None if bias is None else grad_logits.sum(0, keepdims=True) if len(bias) == 1 else grad_logits


def reasoning_attention(query: ndarray, key: ndarray, value: ndarray, step_key: ndarray, step_value: ndarray,
                        mask: ndarray, drop=None, site: str = "", bias: ndarray | None = None) -> ndarray:
    """Attend with one softmax to the items of a prefix and to the reasoning steps of that same prefix.

    ``softmax([q k^T, q s^T] / sqrt(d) + bias + log mask) [v; u]``: position i sees the cached items that the
    mask allows (items up to i) and its *own* reasoning keys s_1 .. s_k, never those of other positions.

    Shapes: query [B, H, Q, d]; key and value [B, H, T, d]; step_key and step_value [B, H, Q, k, d], the
    current step last; mask [1 or B, 1, Q, T]; bias [1 or B, H, Q, T+k] or None; out [B, H, Q, d].
    Source: paper section 3.2; the all-prefix form is ours. Twin: ``nn.attention.reasoning_attention``.
    """
    T = key.shape[2]
    weights = _reasoning_weights(query, key, step_key, mask, bias)
    weights = apply_dropout(weights, drop, site + "weights")
    return weights[..., :T] @ value + np.einsum("bhqk,bhqkd->bhqd", weights[..., T:], step_value)


def _reasoning_weights(query: ndarray, key: ndarray, step_key: ndarray, mask: ndarray,
                       bias: ndarray | None) -> ndarray:
    """Return the attention weights of each query, for items and for its own steps: [B, H, Q, T+k]."""
    items = np.where(mask, query @ key.swapaxes(-1, -2), -np.inf)  # [B, H, Q, T]
    steps = np.einsum("bhqd,bhqkd->bhqk", query, step_key)
    logits = np.concatenate([items, steps], -1) / math.sqrt(query.shape[-1])
    return softmax(logits if bias is None else logits + bias)


def reasoning_attention_backward(
        grad_out: ndarray, query: ndarray, key: ndarray, value: ndarray, step_key: ndarray, step_value: ndarray,
        mask: ndarray, drop=None, site: str = "",
        bias: ndarray | None = None) -> tuple[ndarray, ndarray, ndarray, ndarray, ndarray, ndarray | None]:
    """Return dq, dk, dv, ds, du and dbias, as in attention_backward, with A = [A_v, A_u] of T items and k steps.

    With dS = [dS_v, dS_u] split alike:
    ``dv = A_v^T G`` [T, d]; ``du_qk = A_u,qk G_q`` [Q, k, d], since each step belongs to one query;
    ``dA = [G v^T, G . u]``; ``dq = (dS_v k + sum_k dS_u,k s_k) / sqrt(d)``; ``dk = dS_v^T q / sqrt(d)``;
    ``ds_qk = dS_u,qk q / sqrt(d)``.
    """
    T, place = key.shape[2], site + "weights"
    weights = _reasoning_weights(query, key, step_key, mask, bias)
    used = apply_dropout(weights, drop, place)
    grad_value = used[..., :T].swapaxes(-1, -2) @ grad_out
    grad_step_value = used[..., T:, None] * grad_out[:, :, :, None]  # [B, H, Q, k, d]

    grad_weights = [grad_out @ value.swapaxes(-1, -2), np.einsum("bhqd,bhqkd->bhqk", grad_out, step_value)]
    grad_weights = apply_dropout_backward(np.concatenate(grad_weights, -1), weights, drop, place)
    grad_logits = through_softmax(grad_weights, weights)
    grad_scores = grad_logits / math.sqrt(query.shape[-1])
    items, steps = grad_scores[..., :T], grad_scores[..., T:]
    grad_query = items @ key + np.einsum("bhqk,bhqkd->bhqd", steps, step_key)
    grad_step_key = steps[..., None] * query[:, :, :, None]  # [B, H, Q, k, d]
    return (grad_query, items.swapaxes(-1, -2) @ query, grad_value, grad_step_key, grad_step_value,
            _summed(grad_logits, bias))
