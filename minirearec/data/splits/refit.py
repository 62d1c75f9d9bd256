"""The split of a refit: once validation has chosen the number of epochs, its targets train the model too."""

from dataclasses import replace

import numpy as np

from minirearec.config import TRAIN, Config
from minirearec.data.sequences import Rows
from minirearec.data.splits.split import Split, first_items
from minirearec.errors import ConfigError


def fitted_split(split: Split, config: Config, part: str = "test") -> Split:
    """Return the split whose training part fits the model that a part evaluates; see ``Config.fitted_on``."""
    return split if config.fitted_on(part) == TRAIN else with_validation(split)


def with_validation(split: Split) -> Split:
    """Return the split that trains on every user's items up to the last validation target, and tests as before.

    Validation targets become targets of training; other items between them are history. No rows validate.
    Raises ConfigError when a test target is among these items.
    """
    data, valid, test, before = split.data, split.valid, split.test, np.diff(split.train_offsets)
    lengths = before.copy()
    np.maximum.at(lengths, valid.user, valid.length + 1)
    early = np.flatnonzero(test.length < lengths[test.user])
    if len(early):
        raise ConfigError(f"a test target of user {data.user_ids[test.user[early[0]]]} comes before a validation "
                          "target, so a refit would train on it", "--refit", "Leave --refit out.")
    place = np.arange(data.n_interactions) - np.repeat(data.offsets[:-1], np.diff(data.offsets))
    is_target = place < np.repeat(before, np.diff(data.offsets))
    if split.is_target is not None:
        is_target[is_target] = split.is_target
    is_target[data.offsets[valid.user] + valid.length] = True
    items, offsets = first_items(data, lengths)
    targets, _ = first_items(data, lengths, is_target)
    return replace(split, train_items=items, train_offsets=offsets, is_target=None if targets.all() else targets,
                   valid=Rows(valid.user[:0], valid.length[:0]))
