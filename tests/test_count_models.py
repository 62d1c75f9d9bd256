"""The table of count models: each has its evidence, and their settings are those of the paper for Beauty."""

from minirearec.config import Config
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.counts.kernels import kernel
from minirearec.counts.scorer import EVIDENCE


def test_every_count_model_has_evidence():
    assert EVIDENCE.keys() == COUNTS.keys()
    assert CountsConfig() == Config.make().counting, "the defaults are those of the default model"


def test_settings_of_the_paper():
    """Source: configs/table1.json in spotify-research/sequential-capacity-probes at 705710f."""
    pctm, rules = Config.make(counts="pctm").counting, Config.make(counts="rules").counting
    assert kernel(pctm.gap_kernel, pctm.gap_decay, 10).tolist() == [1 / d**0.5 for d in range(1, 11)]
    assert kernel(pctm.history_kernel, pctm.history_decay, 3).tolist() == [1, 0.6, 0.6**2]
    assert (pctm.window, pctm.tau, pctm.history_length, pctm.boost, pctm.head) == (10, 11250, 50, -0.04, 0)
    assert (rules.window, rules.gap_kernel, rules.strongest, rules.idf) == (10, "logarithmic", 100, False)
    assert kernel(rules.history_kernel, rules.history_decay, 10).tolist() == [1 / j**2 for j in range(1, 11)]
