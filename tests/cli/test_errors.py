"""Every mistake of the user gives one message that says what, where and what to do, and exit code 2."""

import os
import shutil

import pytest

from minirearec import memory
from minirearec.nn.learner import TorchLearner
from minirearec.runs.directory import Run
from tests.runs.old import age

RUN_COMMANDS = (["evaluate"], ["recommend", "--user", "1"], ["train", "--resume"])


def on(words, run):
    """Return the words of a command with the run directory filled in."""
    return [*words, run] if words[-1] == "--resume" else [words[0], run, *words[1:]]


@pytest.mark.parametrize("words, fragments", [
    (["trian"], ["No such command 'trian'", "Did you mean train?"]),
    (["zzz"], ["No such command 'zzz'", "train, evaluate, analyze"]),
    (["train", "--stepps", "3"], ["No such option '--stepps'", "--steps"]),
    (["train", "--method", "magic"], ["--method", "magic", "prl"]),
    (["train", "--device", "abacus"], ["--device", "abacus", "cuda"]),
    (["train", "--steps", "many"], ["--steps", "many"]),
    (["train", "--steps", "-1"], ["--steps: -1 is out of range", "at least 0"]),
    (["train", "--dropout", "1"], ["--dropout: 1.0 is out of range", "below 1"]),
    (["train", "--layers", "10000"], ["--layers: 10000 is out of range", "at most 1000"]),
    (["train", "--temperature", "nan"], ["--temperature", "'nan' is not a number"]),
    (["train", "--width", "6", "--heads", "4"], ["--heads: 4 heads do not divide a width of 6"]),
    (["train", "--method", "base", "--steps", "2"], ["--steps: method base has no reasoning steps"]),
    (["train", "--threads", "0"], ["--threads"]),
    (["train", "--dataset", "buty"], ["unknown data set 'buty'", "Did you mean beauty?"]),
    (["train", "--dataset", "lastfm"], ["data set lastfm: could not be downloaded",
                                        "generated and needs no download: beauty-sim, markov, hops"]),
    (["train", "--dataset", "lastfm", "--offline"], ["downloading is off", "generated and needs no download"]),
    (["train", "--dataset", "./nowhere.txt"], ["nowhere.txt: no such file"]),
    (["train", "--resume", "nowhere"], ["nowhere: no such run directory"]),
    (["evaluate"], ["Missing argument 'RUN'"]),
    (["evaluate", "nowhere"], ["nowhere: no such run directory"]),
    (["recommend", "nowhere", "--user", "1"], ["nowhere: no such run directory"]),
    (["recommend", "nowhere"], ["either --user or --history"]),
    (["recommend", "nowhere", "--user", "1", "--history", "1"], ["either --user or --history"]),
    (["recommend", "nowhere", "--user", "1", "-k", "0"], ["-k", "0"]),
    (["recommend", "nowhere", "--user", "1", "-k", "\u0663"], ["'-k'", "'\u0663' is not a whole number"]),
    (["recommend", "nowhere", "--user", "1", "-k", "9" * 20], ["'-k'", "is too large"]),
    (["train", "--steps", "1_0"], ["'--steps'", "'1_0' is not a whole number"]),
    (["train", "--dropout", "0.\u0663"], ["'--dropout'", "is not a number"]),
    (["train", "--dropout", "1e999"], ["'--dropout'", "'1e999' is too large"]),
    (["train", "--batch-positions", str(2**63 - 1)], ["--batch-positions: ", "at most 2147483647"]),
    (["train", "--temperature", "1e-45"], ["--temperature: 1e-45 is beyond what 32-bit numbers can compute with"]),
    (["train", "--learning-rate", "1e300"], ["--learning-rate: 1e+300 is beyond"]),
    (["train", "--width", "1000000"], ["--width: 1000000 is out of range"]),
    (["train", "--max-length", "1000000000"], ["--max-length: 1000000000 is out of range"]),
    (["train", "--threads", "100000"], ["'--threads'", "1<=x<=1024"]),
    (["train", "--threads", "100000000000"], ["'--threads'"]),
    (["data", "stats", "hops", "--seed", "-1"], ["'--seed'", "-1 is not in the range"]),
    (["train", "--out", ""], ["'--out'", "'' is not a path"]),
    (["train", "--resume", ""], ["'--resume'", "'' is not a path"]),
    (["evaluate", ""], ["'RUN'", "'' is not a path"]),
    (["evaluate", "x" * 300], ["'RUN'", "is not a path (File name too long)"]),
    (["train", "--dataset", "/dev/zero"], ["'--dataset'", "'/dev/zero' is neither a file nor a folder"]),
    (["data", "export", "hops", "--out", "/dev/null", "--format", "csv"], ["'--out'", "neither a file nor a folder"]),
])
def test_bad_words(words, fragments, minirearec, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(minirearec(*words), *fragments)
    assert not list(tmp_path.iterdir()), "nothing was begun"


@pytest.mark.parametrize("content, where, what", [
    ("1 5 6 7\n2 5 x 7\n", ":2: ", "'x' is not a whole number"),
    ("1 5 6 7\n\n2 5 6 7\n", ":2: ", "empty line"),
    ("1 5 6 7\n2 5 6\n", ":2: ", "user 2 has 2 items, fewer than 3"),
    ("1 5 0 7\n", ":1: ", "item id 0"),
    ("", ": ", "the file is empty"),
])
def test_bad_data_files(content, where, what, minirearec, refused, tmp_path):
    path, out = tmp_path / "own.txt", tmp_path / "run"
    path.write_text(content)
    refused(minirearec("train", "--dataset", path, "--out", out), f"{path}{where}{what}")
    assert not out.exists() and path.read_text() == content


def test_a_known_file_with_other_bytes_is_no_beauty(minirearec, refused, tmp_path):
    """The file is replaced neither by a download nor by the stand-in: the user put it there and should know."""
    path = tmp_path / "Beauty.txt"
    path.write_text("1 5 6 7\n2 6 7 5\n")
    refused(minirearec("train", "--data-dir", tmp_path, "--out", tmp_path / "run"), f"{path}: wrong sha256")
    assert path.read_text() == "1 5 6 7\n2 6 7 5\n" and not (tmp_path / "run").exists()


@pytest.mark.parametrize("history, what", [
    ("", "the history is empty"), (" ", "the history is empty"), ("1,9999", "unknown item id 9999"),
    ("0,1", "0 is the padding id"), ("1,-2", "unknown item id -2"), ("1,two", "'two' is not a whole number"),
    ("1,,2", "'' is not a whole number"), ("1.5", "'1.5' is not a whole number"), ("1_0", "'1_0' is not"),
    ("1,\u0663", "'\u0663' is not a whole number")])
def test_bad_histories(history, what, finished, minirearec, refused):
    refused(minirearec("recommend", finished, "--history", history), what)


@pytest.mark.parametrize("user, what", [("99999", "unknown user 99999"), ("0", "unknown user 0"),
                                        ("1" * 30, "unknown user"), ("Ann", "'Ann' is not a whole number"),
                                        ("1_0", "'1_0' is not"), ("\u0663", "is not a whole number"),
                                        ("1" * 5000, "is not a whole number")])
def test_bad_users(user, what, finished, minirearec, refused):
    refused(minirearec("recommend", finished, "--user", user), what)


@pytest.mark.parametrize("command", RUN_COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("damage, what", [
    ("no config.toml", "config.toml is missing"), ("half a config.toml", "not readable as TOML"),
    ("another format", "the run has format 99"), ("a setting out of range", "--steps: -3 is out of range"),
    ("a section missing", "incomplete"), ("half a best.safetensors", "not readable as safetensors"),
    ("another width", "config.toml was changed after this file was written"),
    ("another width, without sums", "do not fit the settings")])
def test_damaged_runs(damage, what, command, finished, minirearec, refused, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    config, best = run / "config.toml", run / "best.safetensors"
    (run / "results.json").unlink()
    text = config.read_text()
    match damage:
        case "no config.toml":
            config.unlink()
        case "half a config.toml":
            config.write_text(text[:len(text) // 2].rstrip("\n") + " = ")
        case "another format":
            config.write_text(text.replace("format = 1", "format = 99"))
        case "a setting out of range":
            config.write_text(text.replace("steps = 2", "steps = -3"))
        case "a section missing":
            config.write_text(text.split("[training]")[0])
        case "half a best.safetensors":
            best.write_bytes(best.read_bytes()[:-100])
        case "another width":
            config.write_text(text.replace("\nwidth = 8", "\nwidth = 10"))
        case "another width, without sums":
            config = age(run) / "config.toml"
            config.write_text(config.read_text().replace("\nwidth = 8", "\nwidth = 10"))
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    refused(minirearec(*on(command, run)), what)
    assert before | {"lock": b""} == {path.name: path.read_bytes() for path in run.iterdir()} | {"lock": b""}


@pytest.mark.parametrize("command", [["evaluate"], ["recommend", "--history", "1"], ["train", "--resume"]],
                         ids=lambda words: words[0])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(value, command, finished, minirearec, refused, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "results.json").unlink()
    name, item_embedding = ("last", "weights.item_embedding") if "train" in command else ("best", "item_embedding")
    tensors, facts = Run.open(run).load_tensors(name)
    tensors[item_embedding] = tensors[item_embedding].copy()
    tensors[item_embedding][3, 2] = value
    Run.open(run).save_tensors(name, tensors, facts)
    refused(minirearec(*on(command, run)), "item_embedding holds numbers that are infinite or not numbers (NaN)")


def test_a_model_that_does_not_fit_into_memory(minirearec, refused, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 10**9)
    refused(minirearec("train", "--dataset", tiny, "--width", 65_536, "--out", tmp_path / "run"),
            "parameters; training it takes at least", "and 1.0 GB are free")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_memory_that_runs_out(error, minirearec, refused, tiny, small, tmp_path, monkeypatch):
    def train_batch(*_):
        raise error

    monkeypatch.setattr(TorchLearner, "train_batch", train_batch)
    refused(minirearec("train", "--dataset", tiny, "--out", tmp_path / "run", "--quiet", *small), "not enough memory")


@pytest.mark.parametrize("name, keep, what", [
    ("last.safetensors", -100, "not readable as safetensors"), ("metrics.jsonl", 40, "metrics.jsonl:1: not JSON"),
    ("metrics.jsonl", 0, "last.safetensors: is from epoch 2, but there are 0 epochs")])
def test_a_damaged_run_is_not_resumed(name, keep, what, finished, minirearec, refused, tmp_path):
    """The run is one of an earlier version, which had to read its metrics."""
    run = age(shutil.copytree(finished, tmp_path / "run"))
    (run / "results.json").unlink()
    (run / name).write_bytes((run / name).read_bytes()[:keep])
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    refused(minirearec("train", "--resume", run), what)
    assert before | {"lock": b""} == {path.name: path.read_bytes() for path in run.iterdir()}


@pytest.mark.parametrize("content, what", [("{", "not JSON"), ("{}", "incomplete"), ("[]", "incomplete")])
def test_damaged_results_can_be_written_again(content, what, finished, minirearec, refused, figures, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "results.json").write_text(content)
    refused(minirearec("train", "--resume", run), what, "Delete it")
    (run / "results.json").unlink()
    assert minirearec("train", "--resume", run).exit_code == 0
    assert figures(run) == figures(finished)


def test_a_directory_that_cannot_be_made(minirearec, refused, tiny, tmp_path):
    """A path under a file represents any place that cannot be written, even by the superuser."""
    (tmp_path / "file").write_text("mine")
    refused(minirearec("train", "--dataset", tiny, "--out", tmp_path / "file" / "run"), "cannot make this directory")
    refused(minirearec("train", "--dataset", tiny, "--out", tmp_path / "file"), "cannot make this directory")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_directory_without_write_permission(minirearec, refused, tiny, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    refused(minirearec("train", "--dataset", tiny, "--out", closed / "run"), "Permission denied")


def test_a_run_is_never_overwritten(finished, minirearec, refused, tiny):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    refused(minirearec("train", "--dataset", tiny, "--out", finished), "this directory already holds a run", "--resume")
    assert before == {path.name: path.read_bytes() for path in finished.iterdir()}


def test_a_model_that_diverges(minirearec, refused, tiny, small, tmp_path, monkeypatch):
    monkeypatch.setattr(TorchLearner, "train_batch", lambda *_: float("nan"))
    refused(minirearec("train", "--dataset", tiny, "--out", tmp_path / "run", "--quiet", *small),
            "the loss of epoch 1 is nan", "--learning-rate")
