"""Features: a vector for each item, made from texts, labels or a file of the user, and kept beside the data set."""

from minirearec.data.features.features import Features, check
from minirearec.data.features.kept import choose_place, find_features, save_features
from minirearec.data.features.making import Making, make_features

__all__ = ["Features", "Making", "check", "choose_place", "find_features", "make_features", "save_features"]
