"""A line of results is enough to compare runs later: it equals what evaluation says of the run."""

import numpy as np
import pytest

from minirearec.analysis.depth import HALT, halting
from minirearec.config import Config
from minirearec.data.splits import fitted_split, make_split
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
from minirearec.evaluation.gate import FittedGate
from minirearec.evaluation.metrics import per_user
from minirearec.runs.opening import load_scorer, load_thinkers
from minirearec.studies.measuring import measure
from minirearec.studies.results import unpacked
from minirearec.training import Trainer
from tests.small import SMALL


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    config = Config.make(method="erl", steps=1, epochs=2, refit=True, **SMALL)
    trainer = Trainer(config, data, out=tmp_path_factory.mktemp("runs") / "run", device="cpu").fit(progress=False)
    assert trainer.run is not None
    trainer.run.write_results(trainer.results(trainer.evaluate("test")))
    return trainer.run


def test_a_line_says_what_evaluation_says(run, data):
    line, split = measure(run, data, "cpu", ("counts",)), make_split(data)
    results = run.read_results()
    assert line["answer"] == "mean of steps" and line["steps"] == ["step 0", "step 1"]
    for row, metrics in results["test"]["excluded"].items():
        assert line["test"][row] == pytest.approx(metrics)
    valid = evaluate(load_scorer(run, "cpu", part="valid"), split, "valid", null=False)
    assert line["valid"] == {row: pytest.approx(valid.metrics(row)) for row in valid.excluded}
    assert line["test"][Blend.blend.name] != line["test"][line["answer"]] and "counts" not in line["test"]
    assert set(line["ranks"]) == {"step 0", "step 1", "mean of steps", NULL_ORACLE, "blend"} == set(line["test"]) - {
        ORACLE}
    assert line["ways"] == {}
    assert len(line["curve"]) == line["epochs"] == 2 and line["epoch_seconds"] > 0
    assert np.mean(per_user(unpacked(line["ranks"]["step 1"]))["NDCG@10"]) == line["test"]["step 1"]["NDCG@10"]


def test_halting_policies_and_a_gate_have_rows_of_their_own(run, data):
    line, split = measure(run, data, "cpu", halts=True), make_split(data)
    first, final = load_thinkers(run, "cpu")
    evaluation, ways = halting(first, split, "test", final, fitted_split(split, run.config))
    assert unpacked(line["ranks"][HALT]).above.tolist() == evaluation.excluded[HALT].above.tolist()
    assert line["test"][HALT] == pytest.approx(evaluation.metrics(HALT)) and FittedGate.gate.name in line["ranks"]
    gated = evaluate(FittedGate.fit(first, split, final), fitted_split(split, run.config)).excluded["fitted gate"]
    assert unpacked(line["ranks"]["fitted gate"]).above.tolist() == gated.above.tolist()
    assert line["epoch_seconds"] == np.median([epoch.seconds for epoch in run.read_metrics()])
    policies = [one for one in ways.ways if one.policy]
    assert {one.name for one in policies} < set(line["test"])
    for one in policies:
        assert line["test"][one.name] == pytest.approx(one.metrics) and line["ways"][one.name]["depth"] == one.depth
        assert line["valid"][one.name] == {"NDCG@20": pytest.approx(one.valid)}
    assert [line["ways"][step]["depth"] for step in line["steps"]] == [0, 1] and HALT in line["ways"]
    assert line["ways"][HALT]["milliseconds"] > 0
