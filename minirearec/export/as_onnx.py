"""Export a run as one ONNX file, which onnxruntime serves without miniReaRec and PyTorch."""

import json
from importlib.util import find_spec
from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.errors import ExportError
from minirearec.evaluation.scorers import StateScorer
from minirearec.export.facts import facts_of, items_of, writing
from minirearec.extras import install
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer

NEEDED = ("onnx", "onnxscript")
LARGEST = 2**31 - 2**28  # bytes of weights: an ONNX file holds 2 GiB, with the graph, ids and titles


def export_onnx(run: Run, out, data_dir=None) -> Path:
    """Write a new ONNX file; see ``nn.exporting.Answering`` for its inputs and outputs.

    Its metadata hold ``facts``, the JSON of ``facts_of``, and ``items``, that of ``items_of``: the ids of the item
    numbers that the model reads and scores. Raises ExportError without the extra "onnx", for a model without a network
    or too large for one file, and DataError when ``out`` exists.
    """
    if not METHODS[run.config.objective.method].neural:
        raise ExportError(f"method {run.config.objective.method} has no network to export", str(run.path),
                          "Use --to numpy.")
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ExportError(f"{' and '.join(missing)} not installed", "--to onnx",
                          f"Use --to numpy, or run: {install('onnx')}")
    from minirearec.nn.engine import TorchEngine
    from minirearec.nn.exporting import to_onnx

    scorer = load_scorer(run, "cpu", "torch")
    assert isinstance(scorer, StateScorer) and isinstance(scorer.engine, TorchEngine), "other scorers were refused"
    size = sum(value.nbytes for value in scorer.engine.weights().values())
    if ITEM_ENCODERS[run.config.model.items].needs_features:  # the file has the table that they make
        size += 4 * run.data.items * run.config.model.width
    if size > LARGEST:
        raise ExportError(f"its weights have {size:,} bytes, and an ONNX file holds less than 2 GiB", str(run.path),
                          "Use --to numpy.")
    with writing(out) as path:
        path.parent.mkdir(parents=True, exist_ok=True)
        notes = {"facts": json.dumps(facts_of(run, scorer)), "items": items_of(run, data_dir)}
        write_bytes(path, to_onnx(scorer.engine, notes))
    return path
