"""One process claims a folder, one process trains a run, and no crash leaves a lock behind."""

import multiprocessing
import os

import pytest

from minirearec.errors import RunError
from minirearec.runs.locks import claim, lock, release

TOGETHER = multiprocessing.get_context("spawn")


def claim_at(barrier, path, won):
    barrier.wait()
    try:
        claim(path)
    except RunError:
        return
    won.put(os.getpid())


@pytest.mark.parametrize("exists", [False, True])
def test_of_many_claims_at_the_same_instant_one_wins(exists, tmp_path):
    path = tmp_path / "run"
    if exists:
        path.mkdir()
    barrier, won = TOGETHER.Barrier(6), TOGETHER.Queue()
    processes = [TOGETHER.Process(target=claim_at, args=(barrier, path, won)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert won.get(timeout=5) in {process.pid for process in processes} and won.empty()


@pytest.mark.parametrize("names, message", [
    (["results.json"], "is not empty: it holds results.json. Choose a new or an empty folder"),
    (["a", "b", "c", "d", "e"], "is not empty: it holds a, b, c and 2 more"),
    (["config.toml", "lock"], "already holds a run"), (["lock"], "is not empty: it holds lock")])
def test_a_folder_with_anything_in_it_is_refused(names, message, tmp_path):
    for name in names:
        (tmp_path / name).write_text("mine")
    with pytest.raises(RunError, match=message):
        claim(tmp_path)
    assert sorted(os.listdir(tmp_path)) == names and {path.read_text() for path in tmp_path.iterdir()} == {"mine"}


def test_a_claim_can_be_given_back(tmp_path):
    for _ in range(2):
        claim(tmp_path / "run")
        (tmp_path / "run" / "env.json").write_text("")
        release(tmp_path / "run", "env.json", "items.json")


def hold(path, ready):
    lock(path)
    ready.set()
    TOGETHER.Event().wait()


def test_what_a_process_had_half_written_when_it_was_killed_is_given_back_too(tmp_path):
    claim(tmp_path / "run")
    (tmp_path / "run" / ".env.json.ef081428.part").touch()
    (tmp_path / "run" / "notes.txt").touch()
    release(tmp_path / "run", "env.json")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]


def test_a_second_process_cannot_train_and_a_killed_one_leaves_no_lock(tmp_path):
    ready = TOGETHER.Event()
    process = TOGETHER.Process(target=hold, args=(tmp_path, ready))
    process.start()
    assert ready.wait(30)
    with pytest.raises(RunError, match="another process trains this run.*Wait until it ends"):
        lock(tmp_path)
    process.kill()
    process.join()
    (tmp_path / ".last.safetensors.0123abcd.part").write_text("half")
    (tmp_path / "note.part").write_text("mine")
    os.close(lock(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["lock", "note.part"], "what the killed process left is removed"


@pytest.mark.parametrize("make, message", [
    (os.mkfifo, "lock: is not a regular file"), (os.mkdir, "lock: cannot be opened for writing"),
    (lambda path: path.symlink_to(path.parent / "other"), "lock: cannot be opened for writing")])
def test_a_strange_lock_is_refused(make, message, tmp_path):
    make(tmp_path / "lock")
    with pytest.raises(RunError, match=message):
        lock(tmp_path)
    assert os.listdir(tmp_path) == ["lock"]
