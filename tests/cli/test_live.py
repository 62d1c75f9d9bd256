"""What a terminal shows while training: drawn from events, on a terminal of our own making."""

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from minirearec.config import Config
from minirearec.training import BatchDone, EpochDone, Finished, Started
from minirearec_cli import console, downloads, text
from minirearec_cli.live import LiveView
from minirearec_cli.progress import PlainView, QuietView, make_view


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Make stderr a terminal with colours."""
    stream = Terminal()
    monkeypatch.setattr(console, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setenv("TERM", "xterm-256color")
    return stream


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
    view = LiveView(quiet, {}, [epoch(1, 0.02, 1)], 10, clock=lambda: now[0])
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
    # An epoch takes 10 seconds and 4 have passed; 196 epochs more would take 1,960.
    assert "loss 7.2500   0:06 left in this epoch   at most 32:46 in total" in text
    assert "best epoch 2; 1 of 10 epochs without improvement in NDCG@20" in text
    assert re.search(r"2 +4\.5000 +\.0500 +\.0250 +\.1000 +10\.0 +best", text)
    assert "NDCG@20  ▁█▆  .0200 to .0500" in text
    curve, pointer = text.splitlines()[-2:]
    assert curve[pointer.index("^")] == "█" and pointer.strip() == "^ epoch 2"


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


@pytest.mark.parametrize("no_color", [True, False])
def test_no_color_leaves_no_codes_at_all(no_color, terminal, monkeypatch):
    """Neither colours nor cursor movements, which Rich keeps on its own."""
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    console.warn(console.notices(), "Title", "message")
    bar = downloads.DownloadBar(console.notices())
    use(bar)
    assert ("\x1b" in terminal.getvalue()) is not no_color
    assert "message" in terminal.getvalue()


def use(bar) -> None:
    """Use a bar as a download does: one transfer fails, another does not."""
    bar.total = 1_100_000
    bar.update(65536)
    bar.reset()
    bar.total = 1_100_000
    bar.update(65536)
    bar.reset()
    bar.update(1_100_000)
    bar.close()


def test_a_download_in_a_log_is_a_line_for_each_attempt():
    stream = io.StringIO()
    use(downloads.DownloadBar(Console(file=stream)))
    assert stream.getvalue() == "downloading 1.1 MB ...\n" * 2
    use(downloads.DownloadBar(Console(file=stream), quiet=True))
    assert stream.getvalue().count("\n") == 2


def test_a_download_on_a_terminal_ends_full_and_is_cleared(terminal):
    bar = downloads.DownloadBar(console.notices())
    with bar:
        bar.total = 1000
        bar.update(400)
        assert bar.progress.tasks[0].completed == 400
        bar.reset()
        assert bar.progress.tasks[0].completed == 0
        bar.update(1000)
        assert bar.progress.finished
    assert bar.progress is None and "Downloading" in terminal.getvalue()


@pytest.mark.parametrize("values, width, line", [
    ([1.0], 10, "▁"), ([2.0, 2.0], 10, "▁▁"), ([0, 7], 10, "▁█"), (list(range(8)), 8, "▁▂▃▄▅▆▇█"),
    ([0, 5, 1, 7], 2, "▁█"), ([7, 0, 0, 0, 0, 0], 3, "█▁▁")])
def test_sparklines(values, width, line):
    drawn_line, place = text.sparkline(values, width)
    assert drawn_line == line
    assert len(place) == len(values) and max(place) == len(line) - 1
    assert line[place[values.index(max(values))]] == max(line)


@pytest.mark.parametrize("seconds, shown", [(0, "0:00"), (0.2, "0:01"), (59.9, "1:00"), (754, "12:34"),
                                            (3723, "1:02:03")])
def test_durations(seconds, shown):
    assert text.duration(seconds) == shown


@pytest.mark.parametrize("value, shown", [(0.05278, ".0528"), (0.0, ".0000"), (1.0, "1.0000")])
def test_figures(value, shown):
    assert text.figure(value) == shown


def test_commands_can_be_copied():
    assert text.command("train", "--resume", "runs/my run") == "minirearec train --resume 'runs/my run'"
