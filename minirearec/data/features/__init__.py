"""Features: a vector for each item, made from texts, labels or a file of the user, and kept beside the data set."""

from minirearec.data.features.features import Features, check
from minirearec.data.features.kept import find_features, save_features

__all__ = ["Features", "check", "find_features", "save_features"]
