"""A trained model as one ONNX graph, from histories to scores. The same on a page of NumPy: ``export.serve``."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from minirearec.nn.engine import TorchEngine
from minirearec.nn.ops import unit
from minirearec.nn.reasoning import last_states


class Answering(nn.Module):
    """What ``minirearec recommend`` computes before it sorts.

    Inputs: items [B, T], the item numbers 0..V-1 of each history, oldest first, padded on the right with any of them,
    T at most ``max_length``; lengths [B], at least 1. Outputs: scores [B, V] of the model's answer, and step_scores
    [B, K+1, V] of r_0..r_K. The vectors of all items are computed once, before the export.
    """

    table: Tensor  # [V, D]

    def __init__(self, engine: TorchEngine):
        super().__init__()
        self.model, self.objective, self.settings = engine.model.eval(), engine.objective, engine.config.objective
        self.register_buffer("table", self.model.read()["item_embedding"].detach().clone())

    def forward(self, items: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores of the answer and of every step."""
        config, weights = self.model.config, self.model.weights()
        read = {**weights, "item_embedding": self.table}
        states = last_states(read, items, lengths, config.steps, config.heads, backbone=config.backbone,
                             reasoning=config.reasoning)[0][:, 0]
        table = self.table
        if config.scores == "cosine":
            states, table = unit(states), unit(table)
        if self.objective.scores is not None:
            return self.objective.scores(states, table, weights, self.settings), states @ table.T
        return self.objective.answer(states, weights) @ table.T, states @ table.T


def to_onnx(engine: TorchEngine, notes: dict[str, str]) -> bytes:
    """Return the bytes of the ONNX file of a model, for any B and T; ``notes`` become its metadata."""
    import onnx

    length = engine.config.model.max_length
    batch = torch.export.Dim("batch")
    history = {0: batch, 1: torch.export.Dim("length", max=length)} if length > 1 else {0: batch}
    example = torch.zeros(2, min(2, length), dtype=torch.int64), torch.ones(2, dtype=torch.int64)
    with quiet(), torch.no_grad():
        program = torch.onnx.export(
            Answering(engine).eval(), example, dynamo=True, dynamic_shapes=(history, {0: batch}), verbose=False,
            input_names=["items", "lengths"], output_names=["scores", "step_scores"])
    assert program is not None, "the export by torch.export returns a program"
    model = program.model_proto  # a new copy at each call
    graph = model.graph
    for part in (graph, *graph.input, *graph.output, *graph.initializer, *graph.node, *graph.value_info):
        del part.metadata_props[:]  # where it comes from in our code, with paths of this machine
    onnx.helper.set_model_props(model, notes)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what the exporter says about its own parts and about packages that we do not need."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
