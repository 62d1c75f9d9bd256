"""Your own methods, backbones, item encoders, reasoners, metrics and listeners, without changes to the package.

Write a file that calls ``register``, then import it, or name it on the command line:
``minirearec train --plugin FILE.py``. The README has an example of thirty lines, "Add a method of your own".
"""

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from minirearec.errors import ConfigError, MiniReaRecError, PluginError
from minirearec.listeners import LISTENERS, Listener
from minirearec.methods import METHODS, Method
from minirearec.objective import Objective, last_state
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS, Backbone, ItemEncoder, Reasoner
from minirearec.registry import Registry

_loaded: set[Path] = set()


def register(choice: Any, *, torch: Any = None, numpy: Any = None) -> None:
    """Add your own Method, Backbone, ItemEncoder, Reasoner, Metric or Listener.

    ``torch`` and ``numpy`` say how each backend computes it; a choice without one of them cannot be used there.

    ============  ===================================================  ==============================================
    choice        ``torch``                                            ``numpy``
    ============  ===================================================  ==============================================
    Method        ``Objective(loss, answer)``                          ``Objective(value_and_gradients, answer)``
    Backbone      ``encode(weights, items, heads, drop)``              ``(encode_keeping, encode_way_back)``
    ItemEncoder   ``item_table(weights, drop)``                        ``(item_table, item_table_backward)``
    Reasoner      ``step(weights, state, x, item_cache, ...)``         ``(step_keeping, step_way_back)``
    Metric        neither: its ``gain`` is NumPy
    Listener      neither: it only hears events
    ============  ===================================================  ==============================================

    The functions of a backbone that is not causal take ``lengths`` [B] as well: ``encode(weights, items, heads, drop,
    lengths)`` and ``encode_keeping`` likewise. ``reasoners.shared`` has the arguments of a reasoner.

    See ``objective.Objective``, ``nn.registries`` and ``reference.registries`` for arguments and shapes. Registering a
    name again replaces your earlier choice. Raises ConfigError for a name that the library uses itself, PluginError for
    an unknown kind or functions of another form.
    """
    from minirearec.evaluation.metrics import METRICS, Metric
    from minirearec.nn import registries as in_torch
    from minirearec.reference import registries as in_numpy

    match choice:
        case Metric():
            _check_metric_name(choice.name)
            METRICS.register(choice.name, choice)
        case Listener():
            LISTENERS.register(choice.name, choice)
        case Method():
            _check_objectives(choice, [part for part in (torch, numpy) if part is not None])
            _add(choice, METHODS, torch, numpy, in_torch.OBJECTIVES, in_numpy.OBJECTIVES, choice.loss)
        case Backbone():
            _add(choice, BACKBONES, torch, _pair(in_numpy.Encoder, numpy), in_torch.BACKBONES, in_numpy.BACKBONES)
        case ItemEncoder():
            _add(choice, ITEM_ENCODERS, torch, _pair(in_numpy.Items, numpy), in_torch.ITEM_ENCODERS,
                 in_numpy.ITEM_ENCODERS)
        case Reasoner():
            _add(choice, REASONERS, torch, _pair(in_numpy.Steps, numpy), in_torch.REASONERS, in_numpy.REASONERS)
        case _:
            raise PluginError(f"{type(choice).__name__} cannot be registered", "register",
                              "Give a Method, a Backbone, an ItemEncoder, a Reasoner, a Metric or a Listener.")


def _check_objectives(method: Method, given: list) -> None:
    """Raise PluginError for what is no Objective, and for an answer without a name, which nobody would see."""
    if not all(isinstance(part, Objective) for part in given):
        raise PluginError(f"the method {method.name!r} needs an Objective", "register",
                          "Give torch=Objective(loss), and numpy= likewise.")
    if not method.combined and any(part.scores or part.answer is not last_state for part in given):
        raise PluginError(f"the method {method.name!r} has an answer, and no name for its row", "register",
                          'Name it, as in Method(..., combined="mean of steps"), or leave the answer out.')


def _check_metric_name(name: str) -> None:
    """Raise ConfigError for a name that ``--metrics`` cannot tell from another, or cannot read."""
    from minirearec.evaluation.metrics import METRICS, OTHERS

    taken = {one.lower() for one in (*METRICS, *OTHERS) if one not in METRICS.of_users}
    if name.lower() in taken:
        raise ConfigError(f"the library has its own metric {name!r}", "register", "Choose another name.")
    if not name or set(name) & set("@, \t\n"):
        raise ConfigError(f"a metric cannot be called {name!r}", "register",
                          "Choose a name without @, comma and spaces.")


def _pair(kind: Any, functions: Any) -> Any:
    """Return the functions of a NumPy choice, forward and backward, as its table holds them; None stays None."""
    try:
        return functions and kind(*functions)
    except TypeError as error:
        needed = [name for name in kind._fields if name not in kind._field_defaults]
        raise PluginError("numpy= is not a pair of functions", "register",
                          f"Give numpy=({', '.join(needed)}).") from error


def _add(choice: Any, table: Registry, torch: Any, numpy: Any, in_torch: Registry, in_numpy: Registry,
         loss: str = "") -> None:
    """Add a choice to its table, and the given functions with which the backends compute it."""
    table.register(choice.name, choice)
    for given, functions in ((torch, in_torch), (numpy, in_numpy)):
        if given is not None:
            functions.register(loss or choice.name, given)


def loaded() -> list[Path]:
    """Return the plugins that were loaded: another process has to load them too."""
    return list(_loaded)


def load_plugin(path: Path | str) -> None:
    """Run a Python file that registers choices, but only the first time.

    Raises PluginError, naming file and line, when the file is missing or fails. The file runs with all your
    permissions: load only what you trust.
    """
    path = Path(path).expanduser().resolve()
    if path in _loaded:
        return
    if not path.is_file():
        raise PluginError("no such file", str(path), "Give a Python file that calls minirearec.register.")
    spec = spec_from_file_location(f"minirearec_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginError("not a Python file", str(path), "Give a file whose name ends in .py.")
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their module up by its name
    try:
        spec.loader.exec_module(module)
    except MiniReaRecError:
        raise
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else lines[-1] if lines else None
        raise PluginError(f"{type(error).__name__}: {error}", f"{path}:{line}" if line else str(path),
                          "Correct the plugin, or omit --plugin.") from error
    _loaded.add(path)
