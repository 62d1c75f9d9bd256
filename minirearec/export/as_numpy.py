"""Export a run as one safetensors file and one page of Python that serves it: ``serve.py``, without miniReaRec."""

import json
from pathlib import Path

import numpy as np

from minirearec.atomic import new_folder
from minirearec.counts.scorer import CountScorer
from minirearec.errors import ExportError
from minirearec.export.facts import facts_of, items_of, writing
from minirearec.methods import METHODS
from minirearec.objective import last_state
from minirearec.parts import BACKBONES, REASONERS
from minirearec.reference.registries import ITEM_ENCODERS, OBJECTIVES
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.weights import flatten, nest

MODEL, PAGE = "model.safetensors", "serve.py"
KNOWN_BACKBONES = ("sasrec", "bert4rec")  # those that the page computes
KNOWN_REASONERS = ("shared", "separate", "adapter", "gru", "items", "paths", "lares")
KNOWN_COMBINATIONS = (("erl", "mean of steps"), ("gate", "gate over steps"))  # a loss and its row that combines steps


def export_numpy(run: Run, out, data_dir=None) -> Path:
    """Write a new folder with ``model.safetensors`` and ``serve.py``, which recommends from it.

    The file holds the weights, the vectors of all items (so that any item encoder can be served), ``facts_of`` as
    metadata, and ``items_of`` as bytes under "items": metadata have a limit. The same run makes the same bytes.
    Raises ExportError when the page cannot compute the run's model, DataError when ``out`` exists.
    """
    from safetensors.numpy import save

    check_known(run)
    with writing(out) as path, new_folder(path) as part:
        scorer = load_scorer(run, backend="numpy")
        tensors = counted(scorer) if isinstance(scorer, CountScorer) else served_weights(run, scorer)
        tensors["items"] = np.frombuffer(items_of(run, data_dir).encode(), np.uint8)
        facts = {"minirearec": json.dumps(facts_of(run, scorer))}
        contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
        (part / MODEL).write_bytes(save(contiguous, facts))
        (part / PAGE).write_bytes(Path(__file__).with_name(PAGE).read_bytes())
    return path


def check_known(run: Run, reader: str = PAGE, reasoners: tuple[str, ...] = KNOWN_REASONERS,
                fix: str = "Try --to onnx, which exports whatever PyTorch computes.") -> None:
    """Raise ExportError for a part or a method that ``serve.py`` does not compute, such as those of plugins."""
    method, model = METHODS[run.config.objective.method], run.config.model
    if not method.neural:
        return
    unknown, objective = "", OBJECTIVES[method.loss]
    if model.backbone not in KNOWN_BACKBONES:
        unknown = f"backbone {model.backbone!r}"
    elif model.steps and model.reasoner not in reasoners:
        unknown = f"reasoner {model.reasoner!r}"
    elif (method.loss, method.combined) not in KNOWN_COMBINATIONS and (
            method.combined or objective.answer is not last_state or objective.scores is not None):
        unknown = f"method {method.name!r}"
    if unknown:
        raise ExportError(f"{reader} does not know the {unknown}", str(run.path), fix)


def counted(scorer: CountScorer) -> dict[str, np.ndarray]:
    """Return what ``serve.py`` reads of a count model: its evidence, the background, and the shares of a history."""
    return {"background": np.zeros(len(scorer.starts) - 1), **scorer.weights(), "shares": scorer.shares}


def served_weights(run: Run, scorer) -> dict[str, np.ndarray]:
    """Return what ``serve.py`` reads: the vectors of all items, and the weights of backbone, steps and gate."""
    weights, model = scorer.engine.weights(), run.config.model
    table = ITEM_ENCODERS[model.items].item_table({**nest(weights), **scorer.engine.frozen})
    names = ["reasoning_embedding", "gate.weight", "gate.bias", *flatten(BACKBONES[model.backbone].starts(model)),
             *flatten(REASONERS[model.reasoner].starts(model))]
    return {"item_embedding": table, **{name: weights[name] for name in names if name in weights}}
