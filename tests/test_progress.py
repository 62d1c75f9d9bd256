"""The bar of fit: frames on a terminal, one line per epoch elsewhere; events pass through."""

import io

import pytest

from minirearec.config import Config
from minirearec.events import BatchDone, EpochDone, Finished, RefitEpochDone, Started
from minirearec.progress import drawn
from minirearec.training import Trainer
from tests.cli.conftest import Terminal

EVENTS = (Started(0, 2, 100), BatchDone(1, 50, 7.5), EpochDone(1, 7.25, {"NDCG@20": 0.0571}, 11.2, 1),
          EpochDone(2, 7.0, {"NDCG@20": 0.05}, 10.0, 1), Finished(2, 1, "reached the limit of 2 epochs"))
LINES = ["epoch 1  loss 7.2500  NDCG@20 0.0571  11.2 s  best", "epoch 2  loss 7.0000  NDCG@20 0.0500  10.0 s",
         "finished: reached the limit of 2 epochs"]


@pytest.mark.parametrize("stream, frames", [(io.StringIO(), []),
                                            (Terminal(), ["epoch 1 [##########..........]  loss 7.5000"])])
def test_every_event_passes_and_epochs_leave_a_line(stream, frames):
    assert tuple(drawn(EVENTS, stream, clock=lambda: 100.0)) == EVENTS
    words = [part.strip() for line in stream.getvalue().splitlines() for part in line.split("\r") if part.strip()]
    assert words == frames + LINES


def test_a_refit_has_lines_of_its_own():
    events = Started(0, 1, 100, refit=True), BatchDone(1, 50, 7.5), RefitEpochDone(1, 7.25, 11.2)
    stream = Terminal()
    assert tuple(drawn(events, stream, clock=lambda: 100.0)) == events
    words = [part.strip() for line in stream.getvalue().splitlines() for part in line.split("\r") if part.strip()]
    assert words == ["refit epoch 1 [##########..........]  loss 7.5000", "refit epoch 1  loss 7.2500  11.2 s"]


def test_fit_trains_with_a_bar_or_silently(data, capsys):
    small = Config.make(method="base", epochs=2, width=8, inner_width=8, layers=1)
    trainer = Trainer(small, data).fit()
    told = capsys.readouterr().err.splitlines()
    assert len(trainer.epochs) == 2 and told[0].startswith("epoch 1  loss ") and told[-1].startswith("finished: ")
    silent = Trainer(small, data).fit(progress=False)
    assert capsys.readouterr().err == ""
    assert silent.evaluate().to_dict() == trainer.evaluate().to_dict()
