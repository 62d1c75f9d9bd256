"""minirearec data: the group, and one message for what cannot be done."""

import pickle

import click
import pytest

from minirearec_cli.commands.data import COMMANDS, command

SUBCOMMANDS = ("list", "info", "fetch", "stats", "import", "features", "export", "verify")


def test_the_group_lists_its_commands_and_knows_no_others(minirearec):
    lines = minirearec("data", "--help").stdout.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(SUBCOMMANDS)
    for name in SUBCOMMANDS:
        assert f"Examples:\n  minirearec data {name}" in minirearec("data", name, "--help").stdout
        module = command.get_command(click.Context(command), name)
        assert module.get_short_help_str(200) == COMMANDS[name], "the same line twice"
    wrong = minirearec("data", "fetsch")
    assert wrong.exit_code == 2 and "No such command 'fetsch'. Did you mean fetch?" in wrong.stderr


@pytest.mark.parametrize("words, fragments", [
    (["info", "beuty"], ["unknown data set 'beuty'", "Did you mean beauty?"]),
    (["fetch", "nothing"], ["unknown data set 'nothing'"]),
    (["fetch", "toys"], ["toys: could not be downloaded"]),
    (["fetch", "yelp"], ["yelp_academic_dataset_review.json not in", "agree to its terms"]),
    (["stats", "none.txt"], ["none.txt: no such file"]),
    (["stats", "ratings.csv"], ["a table must be imported before it can be used",
                                "minirearec data import ratings.csv"]),
    (["stats", "toys", "--offline"], ["downloading is off"]),
    (["verify", "toys"], ["downloading is off"]),
    (["verify", "beauty"], ["downloading is off"]),
    (["verify", "beauty-sim"], ["the counts differ from those on its card", "50 users, not 22,363"]),
    (["verify", "none"], ["unknown data set 'none'"]),
    (["import", "none.csv"], ["none.csv: no such file"]),
    (["import", "ratings.csv", "--above", "9"], ["no interactions are left"]),
    (["import", "ratings.csv", "--user-column", "who"], ["no column 'who'"]),
    (["import", "ratings.csv", "--columns", "user,item"], ["ratings.csv:1: 5 values in 2 columns"]),
    (["import", "ratings.csv", "--out", "ratings.csv"], ["there is something here already"]),
    (["import", "ratings.csv", "--core", "-1"], ["--core"]),
    (["import", "ratings.csv", "--split", "time", "--cuts", "0.8"], ["1 cuts"]),
    (["import", "ratings.csv", "--split", "time", "--cuts", "a,b"], ["'a' is neither a number nor a date"]),
    (["import", "bad.csv"], ["bad.csv:3: the rating 'x' is not a finite number"]),
    (["import", "bad.xyz"], ["the name does not say which format", "--format"]),
    (["features", "beauty-sim"], ["data set beauty-sim: has no titles and no attributes", "--from FILE.json or "]),
    (["features", "beauty-sim", "--from", "titles"], ["has no titles"]),
    (["features", "hops", "--from", "attributes"], ["data set hops: has no attributes", "It has title"]),
    (["features", "hops", "--from", "tites"], ["--from: unknown source 'tites'", "all, titles, attributes, paper"]),
    (["features", "hops", "--from", "none.npy"], ["none.npy: no such file"]),
    (["features", "hops", "--from", "bad.json"], ["bad.json: a JSON list, not an object"]),
    (["features", "hops", "--from", "bad.npy"], ["bad.npy: is not readable as an array of numbers (.npy)"]),
    (["features", "hops", "--encoder", "gpt"], ["--encoder: unknown encoder 'gpt'"]),
    (["features", "hops", "--texts", "colour"], ["--texts: unknown column 'colour'"]),
    (["features", "hops", "--width", "0"], ["--width"]),
    (["features", "ratings.csv"], ["must be imported"]),
    (["features", "none"], ["unknown data set 'none'"]),
    (["export", "ratings.csv", "--out", "x.csv"], ["must be imported"]),
    (["export", "beauty-sim", "--out", "ratings.csv"], ["there is something here already"]),
    (["export", "beauty-sim", "--out", "x.parquet"], ["the name does not say which format"]),
])
def test_bad_words(words, fragments, minirearec, ratings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.csv").write_text("user,item,rating\nu,a,5\nu,b,x\n")
    (tmp_path / "bad.json").write_text("[1]")
    (tmp_path / "bad.npy").write_bytes(pickle.dumps([1]))
    before = sorted(path.name for path in tmp_path.iterdir())
    result = minirearec("data", *words)
    assert result.exit_code == 2 and result.stderr.count("Error: ") == 1 and "Traceback" not in result.stderr
    assert not result.stdout
    for fragment in fragments:
        assert fragment in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing was begun"
