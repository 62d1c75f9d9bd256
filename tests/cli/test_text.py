"""Figures, times, sizes, names and curves as short texts."""

import click
import pytest
from click.testing import CliRunner

from minirearec import plugins
from minirearec_cli import text


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


@pytest.mark.parametrize("count, shown", [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_400_000, "1.4 MB"),
                                          (25_000_000_000, "25.0 GB")])
def test_sizes(count, shown):
    assert text.size(count) == shown


def test_a_model_is_named_by_its_method_steps_and_seed():
    settings = {"model": {"steps": 2}}
    assert text.model_name({"method": "prl", "seed": 7, "settings": settings}) == "prl, K = 2, seed 7"
    assert text.model_name({"method": "counts", "seed": 7, "settings": settings}) == "counts", "of an earlier version"
    counting = settings | {"counting": {"counts": "pctm"}}
    assert text.model_name({"method": "counts", "seed": 7, "settings": counting}) == "counts, pctm", "it draws nothing"
    assert text.model_name({"method": "of-a-plugin", "seed": 0, "settings": settings}) == "of-a-plugin, K = 2, seed 0"
    for steps, name in ((2, "prl, bert4rec, lares, K = 2, seed 7"), (0, "prl, bert4rec, K = 0, seed 7")):
        settings = {"model": {"steps": steps, "backbone": "bert4rec", "items": "id", "reasoner": "lares"}}
        assert text.model_name({"method": "prl", "seed": 7, "settings": settings}) == name


def test_synthetic_data_are_marked():
    assert text.data_name({"name": "beauty", "synthetic": False}) == "beauty"
    assert text.data_name({"name": "beauty-sim", "synthetic": True}) == "beauty-sim (SYNTHETIC DATA)"


@pytest.mark.parametrize("typed, active, started", [
    ("env/bin/minirearec", False, "env/bin/minirearec"), ("env/bin/minirearec", True, "minirearec"),
    ("x/minirearec/__main__.py", True, "minirearec"), ("pytest", False, "minirearec")])
def test_printed_commands_start_as_this_one_did(typed, active, started, tmp_path, monkeypatch):
    script = tmp_path / "env" / "bin" / "minirearec"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(script.parent) if active else str(tmp_path))
    monkeypatch.setattr("sys.argv", [typed])
    assert text.command("train", "--out", "my run") == f"{started} train --out 'my run'"
    told = text.typeable("minirearec reads this. Run: minirearec data fetch toys", ["data", "train"])
    assert told == f"minirearec reads this. Run: {started} data fetch toys"


def test_without_a_script_on_the_path_the_module_is_run(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["x/minirearec/__main__.py"])
    monkeypatch.setattr("sys.executable", "/py")
    assert text.command("info") == "/py -m minirearec info"


def test_a_command_about_a_run_names_the_plugins_that_it_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_loaded", {tmp_path.resolve() / "own file.py"})
    assert text.command("recommend", "runs/a").endswith(" recommend runs/a --plugin 'own file.py'")
    assert text.command("study", "ladder").endswith(" study ladder")
    monkeypatch.setattr(plugins, "_loaded", {tmp_path.parent.resolve() / "other.py"})
    assert text.command("evaluate", "runs/a").endswith(f" --plugin {tmp_path.parent.resolve() / 'other.py'}")


def test_a_command_about_a_run_names_the_folder_of_data_that_was_given():
    @click.command()
    @click.option("--data-dir")
    def shown(data_dir):
        click.echo(text.command("recommend", "runs/a") + "|" + text.command("study", "ladder"))

    for given, expected in ((["--data-dir", "my data"], " --data-dir 'my data'"), ([], "")):
        recommend, study = CliRunner().invoke(shown, given).stdout.strip().split("|")
        assert recommend.endswith(f" recommend runs/a{expected}") and study.endswith(" study ladder")
