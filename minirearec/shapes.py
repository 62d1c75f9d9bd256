"""The legend of axes: every docstring in the library uses these letters.

======  =====================================================================================
letter  axis
======  =====================================================================================
B       batch: histories side by side
T       items in a history, oldest first, padded on the right
P       positions: the (history, item) pairs of a batch that enter the loss, flattened to one
Q       query positions of a history: T when every prefix reasons at once, 1 when only the last one
K       reasoning steps; states along a K+1 axis are r_0 (no reasoning) ... r_K
D       width of the model
H       attention heads; each is D/H wide
I       inner width of the feed-forward layer
V       catalogue: the items that can be recommended
F       width of the items' features; first items in ``with_first_items``
G       UniSRec's whitening experts; in backward functions the gradient of the result
A       width of an adapter; in ``walk`` the histories that continue
N       negatives of a sampled loss
S       items that share in a target's probability
R       rows that are computed at a time
M       as its docstring says: states of a mixture, streams of ``paths``, or best items of ``items``
======  =====================================================================================
"""
