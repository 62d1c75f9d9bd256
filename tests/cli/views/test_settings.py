"""What is said about the settings of a training."""

import io

from rich.console import Console

from minirearec.config import Config
from minirearec.data import card
from minirearec_cli.views.settings import say_settings


def test_settings_of_a_card_are_told_unless_options_replace_them():
    paper = Console(file=io.StringIO(), width=200)
    hops = card("hops")
    assert hops.training["layers"] == 1
    say_settings(paper, hops, Config.for_data(hops, layers=3), ())
    told = paper.file.getvalue()
    assert told.startswith("Settings from the card of hops: ") and "layers" not in told
    say_settings(paper, card("beauty"), Config.make(), ())
    say_settings(paper, card("sports"), Config.make(), ())
    assert paper.file.getvalue() == told, "a card without settings is not mentioned"
    say_settings(paper, card("sports"), Config.for_data(card("sports"), counts="pctm"), ())
    assert "Settings from the card of sports: history_decay 0.7, head 10, tau 15000.0, boost 0.0" in \
        paper.file.getvalue()


def test_options_without_effect_are_told(minirearec, tiny, small, tmp_path):
    words = ("--dataset", tiny, "--epochs", 1, *small, "--alpha", 1.1, "--kl-weight", 0.1)
    told = minirearec("train", *words, "--out", tmp_path / "run").stderr
    assert "Note: --alpha has no effect with --method erl\n" in told and "--kl-weight has" not in told
    assert minirearec("train", *words, "--out", tmp_path / "quiet", "--quiet").stderr == ""
