"""Two processes train the same model as one, up to the order of sums; each history of a batch has one owner."""

import os
import subprocess
import sys

import numpy as np
import pytest

from minirearec.data.batching import Batch
from minirearec.errors import ConfigError, RunError
from minirearec.nn import distributed
from minirearec.nn.distributed import losing_none, take_share
from minirearec.nn.learner import TorchLearner
from tests.nn.training_together import CASES, train

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Return what two processes computed for every case."""
    folder = tmp_path_factory.mktemp("together")
    running = [subprocess.Popen(
        [sys.executable, "-m", "tests.nn.training_together", str(number), "2", str(folder / "store"),
         str(folder / "result.npz")], cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE,
        text=True) for number in range(2)]
    errors = [process.communicate(timeout=300)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], errors
    with np.load(folder / "result.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", CASES)
def test_twenty_steps_equal_those_of_one_process(name, together):
    """``prl`` and ``teacher`` contrast positions of both; ``erl`` has a sampled loss, whose table DDP does not see.

    With ``bert4rec`` prefixes of one history are in both processes. ``base`` has averaged weights, and positions that
    count from the end of each history.
    """
    alone = train(TorchLearner, CASES[name])
    assert len(alone["losses"]) == 20 and len(alone) > 10
    for key, value in alone.items():
        assert value.dtype == np.float64
        np.testing.assert_allclose(together[f"{name}/{key}"], value, rtol=0, atol=1e-6, err_msg=key)


def test_means_are_weighted(together):
    assert together["mean"] == pytest.approx([2 / 3, 1.0])


def test_every_history_has_one_owner_and_the_weights_follow_its_positions():
    items, counted = np.arange(15).reshape(5, 3), np.tri(5, 3, dtype=bool)
    batch = Batch(items, items + 1, counted)
    shares = [take_share(batch, number, 2) for number in range(2)]
    assert sorted(np.concatenate([share.items[:, 0] for share, _ in shares])) == items[:, 0].tolist()
    assert [weight for _, weight in shares] == pytest.approx([2 * 7 / 12, 2 * 5 / 12])
    for share, _ in shares:
        assert np.array_equal(share.targets, share.items + 1) and len(share.counted) == len(share.items)


def test_fewer_histories_than_processes_are_everyones():
    batch = Batch(*(np.ones((2, 3), dtype) for dtype in (int, int, bool)))
    assert take_share(batch, 2, 3) == (batch, 1.0)


def test_more_processes_than_devices_are_refused(monkeypatch):
    monkeypatch.setattr(distributed, "find_device", lambda name: distributed.torch.device("cuda"))
    monkeypatch.setattr(distributed.torch.cuda, "device_count", lambda: 2)
    for name, value in {"LOCAL_RANK": "2", "LOCAL_WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match="4 processes, but 2 CUDA devices.*--nproc-per-node 2, or --device cpu"):
        distributed.start("cuda")


def test_a_lost_connection_is_an_error_for_users_and_a_bug_stays_a_bug():
    with pytest.raises(RunError, match="torchrun: lost the connection to another process"), losing_none():
        raise RuntimeError("[gloo/pair.cc:538] Connection closed by peer [127.0.0.1]:9")
    with pytest.raises(RuntimeError, match="shapes"), losing_none():
        raise RuntimeError("shapes do not fit")
