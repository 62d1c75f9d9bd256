"""What a terminal shows while training: drawn from events, on a terminal of our own making."""

import io
import re

import pytest
from rich.console import Console

from minirearec.config import TrainingConfig
from minirearec.events import BatchDone, EpochDone, Finished, RefitEpochDone, Started
from minirearec_cli.views.live import LiveView


def epoch(number, score, best):
    return EpochDone(number, 9.0 / number, {"NDCG@20": score, "NDCG@10": score / 2, "Recall@10": score * 2}, 10.0, best)


def drawn(view, width) -> str:
    paper = Console(width=width, file=io.StringIO(), color_system=None)
    paper.print(view.render())
    return paper.file.getvalue()


@pytest.fixture
def view():
    """Return a view 4 seconds into the fourth epoch, half of it done, of a run whose second epoch was the best."""
    now = [100.0]
    quiet = Console(file=io.StringIO())
    view = LiveView(quiet, {}, [epoch(1, 0.02, 1)], TrainingConfig(), clock=lambda: now[0])
    for event in (Started(1, 200, 1000), epoch(2, 0.05, 2), epoch(3, 0.04, 2)):
        view.show(event)
    now[0] += 4.0
    view.show(BatchDone(4, 500, 7.25))
    return view


@pytest.mark.parametrize("width", [80, 120])
def test_the_live_view_shows_the_state_of_training(view, width):
    text = drawn(view, width)
    assert max(map(len, text.splitlines())) <= width
    assert "Epoch 4 of at most 200" in text and "500 of 1,000 positions" in text
    # An epoch takes 10 seconds and 4 have passed; nobody waits for 200 epochs, so only early stopping is forecast.
    assert "loss 7.2500   0:06 left in this epoch   Ctrl-C keeps finished epochs" in text and "at most 3" not in text
    assert "best epoch 2; 1 of 10 epochs without improvement in NDCG@20, ending in 1:30 unless it improves" \
        in " ".join(text.split())
    assert re.search(r"2 +4\.5000 +\.0500 +\.0250 +\.1000 +10\.0 +best", text)
    assert "NDCG@20  ▁█▆  .0200 to .0500" in text
    curve, pointer = text.splitlines()[-2:]
    assert curve[pointer.index("^")] == "█" and pointer.strip() == "^ epoch 2"


def test_a_narrow_terminal_shows_fewer_columns_of_whole_figures(view):
    view.console = Console(width=40, file=io.StringIO())
    text = drawn(view, 40)
    assert max(map(len, text.splitlines())) <= 40 and "…" not in text
    assert "Epoch 4 of at most 200" in text and "500 of 1,000 positions" in text
    assert re.search(r"2 +4\.5000 +\.0500 +best", text) and "Recall@10" not in text


def test_the_last_frame_says_why_it_ended(view):
    view.show(Finished(12, 2, "10 epochs without a better validation NDCG@20"))
    assert drawn(view, 80).startswith("Finished after 12 epochs: 10 epochs without a better validation NDCG@20\n")


def test_the_last_frame_of_a_full_run_is_one_sentence(view):
    view.show(Finished(200, 2, "reached the limit of 200 epochs"))
    assert drawn(view, 80).startswith("Finished all 200 epochs.\n")


def test_an_old_best_epoch_stays_in_the_table(view):
    for number in range(4, 20):
        view.show(epoch(number, 0.03, 2))
    rows = re.findall(r"^ +(\d+) +\d\.\d{4}", drawn(view, 80), re.M)
    assert rows == ["2", "15", "16", "17", "18", "19"]


def test_a_refit_shows_its_epochs_below_its_own_heading(view):
    view.settings = TrainingConfig(refit=True)
    assert "ending in 1:30 before the refit unless it improves" in " ".join(drawn(view, 80).split())
    view.show(Started(0, 5, 2000, refit=True))
    view.show(RefitEpochDone(1, 8.5, 4.0))
    view.show(RefitEpochDone(2, 8.25, 10.0))
    view.clock = lambda: 114.0
    view.epoch_began = 109.0
    view.show(BatchDone(3, 1000, 8.0))
    text = drawn(view, 80)
    assert "Refit: epoch 3 of 5" in text and "1,000 of 2,000 positions" in text
    # An epoch takes 10 seconds and 5 have passed; 2 epochs more take 20.
    assert "loss 8.0000   0:05 left in this epoch   0:25 in total" in text
    assert "on train and validation, for as many epochs as were best" in text
    assert "NDCG@20  ▁█▆  .0200 to .0500" in text, "the curve is that of the first phase"
    view.show(Finished(12, 5, "7 epochs without a better validation NDCG@20"))
    assert drawn(view, 100).startswith("Finished after 12 epochs: 7 epochs without a better validation NDCG@20. "
                                      "Then refit for 5 epochs.\n")
