"""In one process nothing is brought together; test_distributed compares a loss over both halves with one process."""

import torch

from minirearec.nn.whole_batch import whole_batch


def test_one_process_has_the_whole_batch():
    noised, clean, groups = torch.zeros(3, 2), torch.ones(3, 2), torch.arange(3)
    assert all(found is given for found, given in zip(whole_batch(noised, clean, groups), (noised, clean, groups),
                                                      strict=True))
