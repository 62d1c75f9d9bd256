"""The exported folder holds what the page reads and no more; models that the page does not know are refused."""

import numpy as np
import pytest

import minirearec as mr
from minirearec.errors import DataError, ExportError
from minirearec.export import serve
from minirearec.export.as_numpy import export_numpy
from minirearec.nn.backbones.sasrec import encode
from minirearec.nn.objectives.common import user_state
from minirearec.nn.reasoners.shared import step
from minirearec.nn.registries import OBJECTIVES as IN_TORCH
from minirearec.objective import Objective
from minirearec.parts import id_starts, transformer_starts
from minirearec.recommender import Recommender
from minirearec.reference.backbones.sasrec import encode_keeping, encode_way_back
from minirearec.reference.registries import OBJECTIVES as IN_NUMPY
from minirearec.reference.registries import REASONERS as STEPS
from minirearec.runs.checkpoint import BEST


def test_the_file_holds_the_weights_and_the_items(runs, tmp_path):
    folder = export_numpy(runs["prl"], tmp_path / "new" / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["model.safetensors", "serve.py"]
    weights, _, items = serve.load(folder / "model.safetensors")
    best, _ = runs["prl"].load_tensors(BEST)
    assert weights.keys() == best.keys()
    for name, value in best.items():
        np.testing.assert_array_equal(weights[name], value)
    assert len(items["ids"]) == len(items["titles"]) == 80


def test_nothing_is_overwritten(runs, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match="out: there is something here already. Choose another name with --out"):
        export_numpy(runs["prl"], tmp_path / "out")


def test_an_item_encoder_of_ones_own_becomes_its_table(data, train, forget, tmp_path):
    """The page needs the finished vectors only, so it serves every item encoder."""
    def doubled(weights, drop=None):
        return 2 * weights["item_embedding"]

    mr.register(mr.ItemEncoder("doubled", "", id_starts), torch=doubled,
                numpy=(doubled, lambda grad_out, weights: {"item_embedding": 2 * grad_out}))
    run = train(data, tmp_path / "run", items="doubled")
    found = serve.recommend(*serve.load(export_numpy(run, tmp_path / "out") / "model.safetensors"), [3, 7], 80)
    expected = Recommender.load(run.path, backend="numpy").recommend([3, 7], 80)[-1]
    assert [score for _, score, _ in found] == pytest.approx(expected.scores, rel=1e-5, abs=1e-5)


def test_a_backbone_that_the_page_does_not_know_is_refused(data, train, forget, tmp_path):
    mr.register(mr.Backbone("mine", "", transformer_starts), torch=encode, numpy=(encode_keeping, encode_way_back))
    run = train(data, tmp_path / "run", backbone="mine")
    with pytest.raises(ExportError, match=r"serve.py does not know the backbone 'mine'. Try --to onnx"):
        export_numpy(run, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_reasoner_that_the_page_does_not_know_is_refused(data, train, forget, tmp_path):
    """Without steps it does not matter."""
    mr.register(mr.Reasoner("mine", ""), torch=step, numpy=STEPS["shared"])
    run = train(data, tmp_path / "run", reasoner="mine", steps=1)
    with pytest.raises(ExportError, match=r"serve.py does not know the reasoner 'mine'. Try --to onnx"):
        export_numpy(run, tmp_path / "out")
    export_numpy(train(data, tmp_path / "base", reasoner="mine", steps=0), tmp_path / "out")


@pytest.mark.parametrize("reasoner", ["separate", "lares"])
def test_a_page_gets_the_weights_of_its_steps(reasoner, data, train, tmp_path):
    run = train(data, tmp_path / "run", reasoner=reasoner, steps=2)
    found = serve.recommend(*serve.load(export_numpy(run, tmp_path / "out") / "model.safetensors"), [3, 7], 80)
    expected = Recommender.load(run.path, backend="numpy").recommend([3, 7], 80)[-1]
    assert [score for _, score, _ in found] == pytest.approx(expected.scores, rel=1e-5, abs=1e-5)


def test_only_a_method_that_answers_in_a_way_of_its_own_is_refused(data, train, forget, tmp_path):
    def first(states, weights):
        return user_state(states[..., :1, :], ensemble=False)

    for name, row, answer in (("plain", "", {}), ("first", "first state", {"answer": first}),
                              ("mean", "mean of steps", {"answer": first})):
        mr.register(mr.Method(name, "", combined=row), torch=Objective(IN_TORCH["last_step"].loss, **answer),
                    numpy=Objective(IN_NUMPY["last_step"].loss, **answer))
    serve.load(export_numpy(train(data, tmp_path / "plain", method="plain"), tmp_path / "out") / "model.safetensors")
    for name in ("first", "mean"):  # the second calls its row as the page calls another
        with pytest.raises(ExportError, match=f"does not know the method '{name}'"):
            export_numpy(train(data, tmp_path / name, method=name), tmp_path / "refused")
