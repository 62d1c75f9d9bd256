"""Make engines: for inference from weights, for training from a seed. A backend is imported only when it is used."""

import numpy as np

from minirearec import processes
from minirearec.backends import BACKENDS, Engine, Learner
from minirearec.config import Config
from minirearec.data.features.features import check
from minirearec.errors import ConfigError
from minirearec.parts import ITEM_ENCODERS
from minirearec.targets import Followers
from minirearec.weights import check_fit, draw, starts_of


def make_engine(config: Config, n_items: int, weights: dict[str, np.ndarray], backend: str, device: str = "auto", *,
                features: np.ndarray | None = None, where: str = "weights", fix: str = "") -> Engine:
    """Open a model for inference: check the weights and use them as they are, without random draws or an optimizer.

    ``features`` [V, F]: what an item encoder that needs features reads. Raises RunError, with ``where``, ``fix`` and
    the names and shapes that do not fit, and ConfigError for an unknown backend or device.
    """
    check_fit(weights, starts_of(config, n_items), where, fix)
    if _is_torch(backend):
        from minirearec.nn.engine import TorchEngine

        return TorchEngine(config, n_items, weights, device, features)
    from minirearec.reference.engine import NumpyEngine

    return NumpyEngine(config, n_items, weights, device, features)


def make_learner(config: Config, n_items: int, backend: str, device: str = "auto",
                 popularity: np.ndarray | None = None, features: np.ndarray | None = None,
                 followers: Followers | None = None) -> Learner:
    """Make a model with the initial weights of its seed, and an optimizer. Raises ConfigError like ``make_engine``.

    In processes that torchrun started it is their common model. ``popularity`` [V] counts each item in the training
    part; without it, all items are equally popular. ``features``: see ``make_engine``. ``followers``: of all items, for
    soft targets.
    """
    with_torch = _is_torch(backend)
    weights = draw(starts_of(config, n_items), config.model.initial_std, config.training.seed)
    if processes.count() > 1:
        if not with_torch:
            raise ConfigError("NumPy trains in one process", "--backend", "Omit torchrun, or choose --backend torch.")
        from minirearec.nn.distributed import SharedLearner

        return SharedLearner(config, n_items, weights, device, popularity, features, followers)
    if with_torch:
        from minirearec.nn.learner import TorchLearner

        return TorchLearner(config, n_items, weights, device, popularity, features, followers)
    from minirearec.reference.engine import NumpyLearner

    return NumpyLearner(config, n_items, weights, device, popularity, features, followers)


def with_features(config: Config, data,
                  features: np.ndarray | None = None) -> tuple[Config, np.ndarray | None]:
    """Return the config with the width of the features that its item encoder reads, and the features as it reads them.

    Those of the data are multiplied by the power of two that brings their root mean square nearest to 1: Adam moves
    every weight by about the learning rate, whatever it multiplies, so a model of small features would learn many times
    more slowly. A power of two changes no digit. ``features`` that are given, such as those of a run, are read as they
    are.

    Raises ConfigError when it needs features and the data have none, or needs none and some are given, DataError for
    given ones that cannot be used.
    """
    if not ITEM_ENCODERS[config.model.items].needs_features:
        if features is not None:
            raise ConfigError(f"the item encoder {config.model.items} reads no features", "features", "Leave them out.")
        return config, None
    if features is None and data.features is None:
        name = data.where or data.name
        command = (f"minirearec data features {name}" if data.titles is not None or data.texts
                   else f"minirearec data features {name} --from FILE.npy")
        raise ConfigError(f"the item encoder {config.model.items} needs features of the items, and data set "
                          f"{data.name} has none", "--items",
                          f"Make them: {command}. If they are in another folder, name it with --data-dir.")
    if features is not None:
        features = check(np.asarray(features), data.n_items, "features")
        return config.replaced(feature_width=features.shape[1]), features
    values = data.features.values
    size = np.square(values[values.any(1)], dtype=np.float64).mean() ** 0.5
    return config.replaced(feature_width=values.shape[1]), np.ldexp(values, -int(np.round(np.log2(size))))


def _is_torch(backend: str) -> bool:
    if backend not in BACKENDS:
        raise ConfigError(f"unknown backend {backend!r}", "--backend", f"Choose one of: {', '.join(BACKENDS)}.")
    return backend == "torch"
