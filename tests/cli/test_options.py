"""The help is complete because the options are made from the configuration."""

from dataclasses import fields, replace

import pytest

from minirearec.config import ModelConfig, ObjectiveConfig, TrainingConfig
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec.settings import setting
from minirearec_cli import options
from minirearec_cli.main import COMMANDS


@pytest.mark.parametrize("title, section", [("Model", ModelConfig), ("Objective", ObjectiveConfig),
                                            ("Training", TrainingConfig), ("Counts", CountsConfig)])
def test_help_shows_every_setting_in_its_section(title, section, minirearec):
    text = minirearec("train", "--help", env={"COLUMNS": "110"}).stdout
    block = " ".join(text.split(f"\n{title}:\n")[1].split("\n\n")[0].split())
    for item in (item for item in fields(section) if not item.metadata["hidden"]):
        assert f"--{item.name.replace('_', '-')} " in block
        shown = block.split(f"--{item.name.replace('_', '-')} ")[1].split("]")[0]
        assert f"default: {item.default}" in shown
        if item.metadata["symbol"]:
            assert f"symbol: {item.metadata['symbol']};" in shown


def test_help_explains_every_method(minirearec):
    text = " ".join(minirearec("train", "--help").stdout.split())
    for one in (*METHODS.values(), *COUNTS.values()):
        assert f" {one.name} {one.help}"[:40] in text


def test_defaults_that_differ_between_methods_are_shown(monkeypatch):
    item = next(item for item in fields(ModelConfig) if item.name == "steps")
    monkeypatch.setitem(METHODS, "erl", replace(METHODS["erl"], defaults={"steps": 3}))
    assert options.describe_default(item) == "symbol: K; default: 2; base, counts: 0; erl: 3"
    boost = next(item for item in fields(CountsConfig) if item.name == "boost")
    assert options.describe_default(boost) == "default: 0.0; pctm: -0.04"


def test_defaults_of_item_encoders_are_shown(monkeypatch):
    item = next(item for item in fields(ModelConfig) if item.name == "scores")
    monkeypatch.setitem(ITEM_ENCODERS, "id", replace(ITEM_ENCODERS["id"], defaults={"scores": "cosine"}))
    assert "default: dot; id: cosine" in options.describe_default(item)


def test_options_of_one_item_encoder_name_it():
    """Settings that some item encoders do not read begin with the names of those that do: ``unisrec, morec: ...``."""
    for item in fields(ModelConfig):
        if item.name in ("with_ids", "experts", "adaptor_dropout", "projection_layers"):
            names = item.metadata["help"].partition(": ")[0].split(", ")
            assert names and set(names) <= ITEM_ENCODERS.keys() - {"id"}, item.name


def test_a_method_keeps_its_own_default(minirearec, tiny, small, tmp_path):
    """An option that is not given leaves the method's own default in place."""
    assert METHODS["base"].defaults["steps"] == 0
    words = ("--dataset", tiny, "--method", "base", "--epochs", 1, "--out", tmp_path / "run")
    result = minirearec("train", *words, *small)
    assert result.exit_code == 0, result.stderr
    assert "base, K = 0" in result.stderr


def test_examples_stand_in_every_help(minirearec):
    for name in COMMANDS:
        assert f"Examples:\n  minirearec {name}" in minirearec(name, "--help").stdout


def test_settings_of_every_type_become_options():
    from dataclasses import dataclass

    import click

    @dataclass
    class Some:
        flag: bool = setting(False, "a switch")

    @click.command()
    @options.setting_option(fields(Some)[0], "Some")
    def command(**given):
        click.echo(given["flag"])

    from click.testing import CliRunner
    runs = [CliRunner().invoke(command, words).output.strip() for words in ([], ["--flag"], ["--no-flag"])]
    assert runs == ["", "True", "False"]
