"""ReaRec in plain NumPy: every equation of the model, with its gradient derived by hand.

Read in this order: ``ops``, ``attention``, ``backbones``, ``reasoning``, ``objectives`` (with the loops of
``chunked`` and the losses of ``sampled``), ``optim``, ``learning``, ``serving``. The first five and ``sampled`` have
twins of the same names in ``minirearec.nn``; tests compare the pairs in value and gradient.

How gradients are computed: next to ``f(...)`` is ``f_backward(grad_out, ...the same arguments)``, where grad_out
is the gradient of the loss with respect to the result of f, in the same form. It returns the gradients of f's
array arguments, in their order (for a dict of weights: a dict of the weights that f reads). There is no autograd
engine and no tape: a backward function is pure, and recomputes what it needs from its arguments. This is gradient
checkpointing: a chain of blocks keeps the input, the queries, keys and values, and the attention output of each block,
and computes the rest again.
Everything keeps the dtype of the weights: float32 in, float32 out.
"""
