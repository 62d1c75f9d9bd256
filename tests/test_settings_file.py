"""Settings in a file: by name, in sections, or the config.toml of a run."""

import pytest

from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.settings_file import read_settings


@pytest.mark.parametrize("text", ['method = "erl"\nsteps = 3\n', '[objective]\nmethod = "erl"\n[model]\nsteps = 3\n'])
def test_names_and_sections(text, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert read_settings(path) == {"method": "erl", "steps": 3}


def test_the_file_of_a_run_gives_its_settings(tmp_path, data):
    from minirearec.training import Trainer

    config = Config.make(method="prl", steps=1, width=8, heads=1, seed=5)
    trainer = Trainer(config.replaced(refit=True, counts="rules", window=7), data, out=tmp_path / "run")
    assert Config.make(**read_settings(tmp_path / "run" / "config.toml")) == trainer.config


@pytest.mark.parametrize("text, message", [
    ("stpes = 3", "mine.toml: unknown setting 'stpes'. Known: .*steps"), ("steps 3", "mine.toml: not readable as TOML"),
    ("[other]\nsteps = 3", "unknown setting 'other'"), ('id = "x"', "unknown setting 'id'")])
def test_anything_else_is_refused(text, message, tmp_path):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_settings(tmp_path / "mine.toml")
    with pytest.raises(ConfigError, match="none.toml: cannot be read"):
        read_settings(tmp_path / "none.toml")
