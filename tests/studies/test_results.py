"""A line of results is enough to compare runs later: it equals what evaluation says of the run."""

import json

import numpy as np
import pytest

from minirearec.analysis import analyze
from minirearec.config import Config
from minirearec.data.splits import make_split
from minirearec.errors import RunError
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
from minirearec.evaluation.metrics import per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.runs.blending import open_blend
from minirearec.runs.opening import load_scorer
from minirearec.studies.results import Results, measure, packed, unpacked
from minirearec.training import Trainer
from tests.small import SMALL


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    config = Config.make(method="erl", steps=1, epochs=2, refit=True, **SMALL)
    trainer = Trainer(config, data, out=tmp_path_factory.mktemp("runs") / "run", device="cpu").fit(progress=False)
    assert trainer.run is not None
    trainer.run.write_results(trainer.results(trainer.evaluate("test")))
    return trainer.run


def test_ranks_survive_and_far_ones_end_in_the_last_place():
    ranks = Ranks(np.array([0, 3, 999, 70_000]), np.array([0, 2, 0, 1]))
    found = unpacked(packed(ranks))
    assert found.above.tolist() == [0, 3, 999, 1000] and found.tied.tolist() == [0, 2, 0, 1]
    for name, values in per_user(ranks).items():
        assert np.array_equal(per_user(found)[name], values)


def test_a_line_says_what_evaluation_says(run, data):
    line, split = measure(run, data, "cpu", ("counts",)), make_split(data)
    results, blend = run.read_results(), open_blend(run, ["counts"], split, device="cpu")
    assert line["answer"] == "mean of steps" and line["steps"] == ["step 0", "step 1"]
    for row, metrics in results["test"]["excluded"].items():
        assert line["test"][row] == pytest.approx(metrics)
    valid = evaluate(load_scorer(run, "cpu", part="valid"), split, "valid", null=False)
    assert line["valid"] == {row: pytest.approx(valid.metrics(row)) for row in valid.excluded}
    assert line["test"][Blend.blend.name] != line["test"][line["answer"]] and "counts" not in line["test"]
    assert set(line["ranks"]) == {"step 0", "step 1", "mean of steps", NULL_ORACLE, "blend"} == set(line["test"]) - {
        ORACLE}
    assert blend.to_dict()["row"] in line["ranks"]
    assert line["test"][NULL_ORACLE] == pytest.approx(analyze(run, data=data, device="cpu").excluded[NULL_ORACLE])
    assert len(line["curve"]) == line["epochs"] == 2 and line["epoch_seconds"] > 0
    assert np.mean(per_user(unpacked(line["ranks"]["step 1"]))["NDCG@10"]) == line["test"]["step 1"]["NDCG@10"]


def test_a_file_knows_data_and_blend(whole, data, tmp_path):
    other = Results(whole.out, data, ("counts:pctm",))
    assert [config.objective.method for config in other.lines] == ["counts"], "nothing blends with counts"
    lines = (whole.out / "results.jsonl").read_text().splitlines()
    (tmp_path / "results.jsonl").write_text(lines[0].replace(data.sha256, "f" * 64) + "\n")
    assert Results(tmp_path, data, ("counts",)).lines == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 1, "settings": {"x": 1}}', "7"])
def test_a_line_that_is_no_result(text, data, tmp_path):
    (tmp_path / "results.jsonl").write_text(json.dumps({"format": 0, "settings": Config.make().to_dict()}) + "\n"
                                            + text + "\n")
    with pytest.raises(RunError, match=r"results.jsonl:2: not a result of a study"):
        Results(tmp_path, data)
