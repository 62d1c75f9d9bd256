"""The estimate of training's memory: a lower bound, compared with what the machine has."""

import pytest

from minirearec import memory
from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.memory import check_memory, free_memory
from minirearec.weights import initial_weights

SMALL = {"method": "base", "width": 8, "inner_width": 16, "layers": 3, "max_length": 5}


def test_the_estimate_counts_every_array_four_times_and_the_states_of_a_batch(monkeypatch):
    config = Config.make(**SMALL, batch_positions=100)
    parameters = sum(value.size for value in initial_weights(config.model, 40).values())
    needed = 4 * (4 * parameters + 70 * 3 * (4 * 8 + 16))  # 70 positions: the data have no 100
    monkeypatch.setattr(memory, "free_memory", lambda: needed)
    check_memory(config, 40, 70)
    monkeypatch.setattr(memory, "free_memory", lambda: needed - 1)
    with pytest.raises(ConfigError, match=rf"has {parameters:,} parameters; .* at least .* smaller --width"):
        check_memory(config, 40, 70)


def test_prefixes_that_are_encoded_one_by_one_pass_their_items_through_all_blocks_but_the_last(monkeypatch):
    config = Config.make(**{**SMALL, "method": "prl"}, steps=2, backbone="bert4rec", batch_positions=100)
    parameters = sum(value.size for value in initial_weights(config.model, 40).values())
    for piece, at_once in ((memory.PIECE, 70), (20 * 8 * 4.5, 20)):  # a batch in one piece, and in several
        monkeypatch.setattr(memory, "PIECE", piece)
        needed = 4 * (4 * parameters + at_once * (2 * 4.5 + 1 + 2 * 3) * (4 * 8 + 16))
        monkeypatch.setattr(memory, "free_memory", lambda needed=needed: needed)
        check_memory(config, 40, 70, 4.5)
        monkeypatch.setattr(memory, "free_memory", lambda needed=needed: needed - 1)
        with pytest.raises(ConfigError, match="at least"):
            check_memory(config, 40, 70, 4.5)


def test_every_expert_keeps_its_vectors_of_all_items(monkeypatch):
    def needed(experts):
        config = Config.make(**SMALL, items="unisrec", experts=experts, feature_width=3)
        monkeypatch.setattr(memory, "free_memory", lambda: 0)
        with pytest.raises(ConfigError, match="at least") as refused:
            check_memory(config, 40_000_000, 70)
        return float(refused.value.what.split("at least ")[1].split(" GB")[0].replace(",", ""))

    assert needed(12) - needed(2) == pytest.approx(4 * 10 * 40_000_000 * 8 / 1e9, rel=0.01)


@pytest.mark.parametrize("setting", [{"width": 65_536}, {"layers": 1000, "width": 4096},
                                     {"inner_width": 2**20, "width": 8192}, {"max_length": 10**6, "width": 16_384},
                                     {"steps": 20, "method": "erl", "batch_positions": 2**31 - 1, "width": 256}])
def test_a_model_that_is_far_too_large_is_refused_at_once(setting, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 16 * 10**9)
    with pytest.raises(ConfigError, match="GB of memory, and 16.0 GB are free"):
        check_memory(Config.make(**{**SMALL, **setting}), 12_101, 10**7)


@pytest.mark.parametrize("free, limit, found", [
    ("MemTotal: 9 kB\nMemAvailable:    3 kB\n", None, 3072), ("MemAvailable: 3 kB\n", "max\n", 3072),
    ("MemAvailable: 3 kB\n", "2000\n", 2000), ("MemTotal: 9 kB\n", "2000\n", None), (None, None, None)])
def test_a_container_may_have_less_than_the_machine(free, limit, found, tmp_path, monkeypatch):
    for name, content in (("FREE", free), ("LIMIT", limit)):
        path = tmp_path / name
        monkeypatch.setattr(memory, name, path)
        if content is not None:
            path.write_text(content)
    assert free_memory() == found


def test_without_an_answer_of_the_system_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    check_memory(Config.make(width=65_536), 10**6, 10)
