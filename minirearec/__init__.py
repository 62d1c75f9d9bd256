"""miniReaRec: learn, teach and try thinking before recommending (ReaRec, arXiv 2503.22675).

Names are loaded when they are first used, so that importing the package imports neither torch nor NumPy.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Config": "config",
    "MiniReaRecError": "errors",
    "load": "data",
    "leave_one_out": "data",
    "evaluate": "evaluation.full_ranking",
    "Trainer": "training",
    "Started": "training",
    "BatchDone": "training",
    "EpochDone": "training",
    "Finished": "training",
    "Recommender": "recommender",
    "Run": "runs.directory",
    "ReaRec": "nn.model",
    "register": "plugins",
    "load_plugin": "plugins",
    "Method": "methods",
    "Objective": "methods",
    "Positions": "methods",
    "Gradients": "methods",
    "Backbone": "parts",
    "ItemEncoder": "parts",
    "Start": "parts",
    "Metric": "evaluation.metrics",
}
__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll] (it reads the imports above)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'minirearec' has no attribute {name!r}")
    return getattr(import_module(f"minirearec.{_HOMES[name]}"), name)


def __dir__():
    return sorted(__all__)
