"""A view for each kind of stream, and the lines of the plain one."""

import io
from types import SimpleNamespace

from rich.console import Console

from minirearec.config import Config
from minirearec.events import BatchDone, EpochDone, Finished, RefitEpochDone, Started
from minirearec_cli import console
from minirearec_cli.views.live import LiveView
from minirearec_cli.views.progress import PlainView, QuietView, make_view

EVENTS = (Started(2, 9, 1000), BatchDone(3, 500, 7.25),
          EpochDone(3, 8.12345, {"NDCG@20": 0.0567, "NDCG@10": 0.0489, "Recall@10": 0.0801}, 11.24, 3),
          EpochDone(4, 8.0, {"NDCG@20": 0.05, "NDCG@10": 0.04, "Recall@10": 0.08}, 10.0, 3),
          Finished(4, 3, "1 epoch without a better validation NDCG@20"))


def test_a_view_for_each_kind_of_stream(terminal, monkeypatch):
    trainer = SimpleNamespace(epochs=[], config=Config.make())

    def kind(quiet=False):
        return type(make_view(console.notices(), {}, trainer, quiet))

    assert kind() is LiveView
    assert kind(quiet=True) is QuietView
    monkeypatch.setenv("TERM", "dumb")
    assert kind() is PlainView
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert kind() is PlainView
    monkeypatch.delenv("NO_COLOR")
    terminal.encoding = "latin-1"
    assert kind() is PlainView, "no block characters there"
    console.sys.stderr = io.StringIO()
    assert kind() is PlainView


def test_a_log_gets_one_line_for_each_epoch():
    stream = io.StringIO()
    with PlainView(Console(file=stream, width=40), {"Data": "tiny", "Run": "runs/a"}) as view:
        for event in EVENTS:
            view.show(event)
    assert stream.getvalue().splitlines() == [
        "Data: tiny", "Run: runs/a", "resuming after epoch 2",
        "epoch 3  loss 8.1235  NDCG@20 .0567  NDCG@10 .0489  Recall@10 .0801  11.2 s  best",
        "epoch 4  loss 8.0000  NDCG@20 .0500  NDCG@10 .0400  Recall@10 .0800  10.0 s",
        "finished: 1 epoch without a better validation NDCG@20"], "no line is broken, however narrow the log"


def test_a_new_run_does_not_say_that_it_resumes():
    stream = io.StringIO()
    with PlainView(Console(file=stream), {}) as view:
        view.show(Started(0, 9, 1000))
    assert stream.getvalue() == ""


def test_a_refit_is_told_apart():
    stream = io.StringIO()
    with PlainView(Console(file=stream, width=40), {}) as view:
        for event in (Started(0, 3, 1000, refit=True), RefitEpochDone(1, 8.25, 11.24), Started(1, 3, 1000, refit=True),
                      Started(1, 3, 1000, 500, refit=True)):
            view.show(event)
    assert stream.getvalue().splitlines() == [
        "refit on train and validation: 3 epochs", "refit epoch 1  loss 8.2500  11.2 s", "resuming after refit epoch 1",
        "resuming in refit epoch 2 after 500 of 1,000 positions"]


def test_the_quiet_view_shows_nothing(capsys):
    with QuietView() as view:
        for event in EVENTS:
            view.show(event)
    assert capsys.readouterr() == ("", "")
