"""ReaRec in NumPy alone: every equation of the model, and its gradient derived by hand beside it.

Read in this order: ``ops``, ``attention``, ``encoder``, ``reasoning``, ``objectives`` (with the loops of
``chunked``), ``optim``, ``learning``, ``recommender``. The first five have twins of the same names in
``minirearec.nn``; tests hold the pairs together in value and gradient.

How gradients are made: beside ``f(...)`` stands ``f_backward(grad_out, ...the same arguments)``, where grad_out
is the gradient of the loss with respect to what f returns, in the same form. It returns the gradients of f's
array arguments, in their order (of a dict of weights: a dict of the weights that f reads). There is no engine
and no tape: a backward function is pure, and recomputes from the arguments what it needs. In effect this is
gradient checkpointing: a chain of blocks keeps each block's input, and nothing of what happens inside.
Everything keeps the dtype of the weights: float32 in, float32 out.
"""
