"""The modules of the reference, in the order in which they are read."""

from minirearec.reference import (attention, chunked, encoder, learning, objectives, ops, optim, reasoning,
                                  recommender)

REFERENCE = (ops, attention, encoder, reasoning, chunked, objectives, optim, learning, recommender)
