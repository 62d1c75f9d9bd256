"""The bidirectional transformer of BERT4Rec, as the paper uses it, in PyTorch.

The items of a prefix see each other in both directions. A reasoning step sees all items of its prefix and the steps
before it, and no item sees a step (prefix masking): keys and values of the items are computed once, and the cache is
right.

Two consequences:

- **A pass for every prefix.** An item's state changes with the items after it, so the states of a prefix are not those
  of a longer history, and the prefixes of a history cannot share a pass as they do under a causal mask: the longer
  history would show each prefix the very item that it has to predict. Training takes one prefix a row and puts rows of
  similar length together.
- **Not Cloze training.** The original model (Sun et al. 2019, arXiv 1904.06690) hides some items of a history behind a
  mask token and predicts these; to recommend, it appends the token to the history. Here there is no such token: the
  state of the last item predicts the next one, in training as in use, which is the objective of all backbones in the
  paper. So results of the two are not comparable. (Cloze training needs many more epochs: Petrov and Macdonald 2022,
  arXiv 2207.07483; with the full softmax, SASRec is on a par or better: Klenitskiy and Vasilev 2023, arXiv 2309.07602.)

Twin: ``minirearec.reference.backbones.bert4rec``. Source: paper sections 3.1 and 3.2.
"""

from torch import Tensor

from minirearec.nn.attention import last_mask
from minirearec.nn.backbones.transformer import transform, transform_last
from minirearec.nn.registries import BACKBONES, LAST_ENCODERS


def encode(weights: dict, items: Tensor, heads: int, drop, lengths: Tensor) -> tuple[Tensor, list]:
    """Encode prefixes in both directions: every position sees the ``lengths[b]`` items of its row, and no padding.

    Only the state of a row's last item is r_0 of a prefix. Shapes: items [B, T], lengths [B], states [B, T, D] (those
    of padding mean nothing) and cache as in ``transformer.transform``. Twin: ``reference.backbones.bert4rec.encode``.
    """
    return transform(weights, items, heads, last_mask(lengths, items.shape[1]), drop)


def encode_last(weights: dict, items: Tensor, lengths: Tensor, heads: int, drop=None) -> tuple[Tensor, list]:
    """Encode prefixes of which only the last state is wanted: see ``transformer.transform_last``.

    Shapes: items [B, T], lengths [B], state [B, 1, D]. Twin: ``reference.backbones.bert4rec.encode_last``.
    """
    return transform_last(weights, items, lengths, heads, last_mask(lengths, items.shape[1]), drop)


BACKBONES["bert4rec"] = encode
LAST_ENCODERS["bert4rec"] = encode_last
