"""miniReaRec: learn, teach and try thinking before recommending (ReaRec, arXiv 2503.22675).

Names are loaded when they are first used, so that importing the package imports neither torch nor NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for type checkers and editors: the same names as below
    from minirearec.analysis.analyzing import analyze as analyze
    from minirearec.analysis.comparing import compare as compare
    from minirearec.analysis.grids import grid as grid
    from minirearec.analysis.sweeping import Sweep as Sweep
    from minirearec.config import Config as Config
    from minirearec.counts.scorer import CountScorer as CountScorer
    from minirearec.data import leave_one_out as leave_one_out
    from minirearec.data import load as load
    from minirearec.errors import MiniReaRecError as MiniReaRecError
    from minirearec.evaluation.blend import Blend as Blend
    from minirearec.evaluation.full_ranking import evaluate as evaluate
    from minirearec.evaluation.metrics import Metric as Metric
    from minirearec.listeners import Listener as Listener
    from minirearec.methods import Method as Method
    from minirearec.nn.model import ReaRec as ReaRec
    from minirearec.objective import Gradients as Gradients
    from minirearec.objective import Objective as Objective
    from minirearec.objective import Positions as Positions
    from minirearec.parts import Backbone as Backbone
    from minirearec.parts import ItemEncoder as ItemEncoder
    from minirearec.parts import Reasoner as Reasoner
    from minirearec.parts import Start as Start
    from minirearec.plugins import load_plugin as load_plugin
    from minirearec.plugins import register as register
    from minirearec.recommender import Recommender as Recommender
    from minirearec.runs.blending import open_blend as open_blend
    from minirearec.runs.directory import Run as Run
    from minirearec.training import BatchDone as BatchDone
    from minirearec.training import EpochDone as EpochDone
    from minirearec.training import Finished as Finished
    from minirearec.training import RefitEpochDone as RefitEpochDone
    from minirearec.training import Started as Started
    from minirearec.training import Trainer as Trainer

__version__ = "0.1.0"

_HOMES = {
    "Config": "config",
    "MiniReaRecError": "errors",
    "load": "data",
    "leave_one_out": "data",
    "evaluate": "evaluation.full_ranking",
    "CountScorer": "counts.scorer",
    "Blend": "evaluation.blend",
    "open_blend": "runs.blending",
    "analyze": "analysis.analyzing",
    "compare": "analysis.comparing",
    "Sweep": "analysis.sweeping",
    "grid": "analysis.grids",
    "Trainer": "training",
    "Started": "training",
    "BatchDone": "training",
    "EpochDone": "training",
    "RefitEpochDone": "training",
    "Finished": "training",
    "Recommender": "recommender",
    "Run": "runs.directory",
    "ReaRec": "nn.model",
    "register": "plugins",
    "load_plugin": "plugins",
    "Method": "methods",
    "Objective": "objective",
    "Positions": "objective",
    "Gradients": "objective",
    "Backbone": "parts",
    "ItemEncoder": "parts",
    "Reasoner": "parts",
    "Start": "parts",
    "Metric": "evaluation.metrics",
    "Listener": "listeners",
}
__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll] (it sees the imports above)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'minirearec' has no attribute {name!r}")
    return getattr(import_module(f"minirearec.{_HOMES[name]}"), name)


def __dir__():
    return sorted(__all__)
