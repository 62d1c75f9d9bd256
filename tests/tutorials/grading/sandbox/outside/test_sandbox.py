"""Messages, the process that a submission lives in, and its fence."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minirearec_tutorials.grading.sandbox.inside import fence, landlock
from minirearec_tutorials.grading.sandbox.outside import worker_process as child
from minirearec_tutorials.grading.sandbox.shared import messages
from minirearec_tutorials.grading.checks import StudentError
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits, Sandbox
from minirearec_tutorials.grading.sandbox.inside.worker import same

QUICK = Limits(call=1.0, load=10.0, task=10.0, memory=1 << 30)
ROOM = 1_000_000

dtypes = st.sampled_from([np.dtype(name) for name in messages.DTYPES] + [np.dtype(">f8"), np.dtype(">i2")])
plain = (st.none() | st.booleans() | st.integers() | st.floats() | st.text()
         | dtypes.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))))
trees = st.recursive(plain, lambda part: st.lists(part, max_size=3) | st.tuples(part, part)
                     | st.dictionaries(st.text(), part, max_size=3), max_leaves=6)


def kinds(value):
    """A value with every array replaced by its dtype, ignoring the order of bytes, and its memory layout forgotten."""
    if isinstance(value, np.ndarray):
        return value.dtype.newbyteorder("=")
    if isinstance(value, dict):
        return {key: kinds(part) for key, part in value.items()}
    return type(value)(map(kinds, value)) if isinstance(value, list | tuple) else type(value)


# Messages

@given(trees)
def test_values_arrive_as_they_were_sent(value):
    line = messages.to_line({"value": messages.encode(value, ROOM)}, ROOM)
    arrived = messages.decode(messages.from_line(line)["value"])
    assert same(value, arrived) and kinds(value) == kinds(arrived)


@pytest.mark.parametrize("value, expected", [
    (np.float64(0.5), 0.5), (np.float32(0.5), 0.5), (np.int64(7), 7), (np.bool_(True), True)])
def test_numpy_scalars_arrive_as_numbers(value, expected):
    arrived = messages.decode(messages.encode(value, ROOM))
    assert arrived == expected and type(arrived) is type(expected)


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("value, says", [
    (object(), "an object"), (np.array([object()]), "dtype object"), (np.array([1j]), "dtype complex128"),
    (np.ma.masked_array([1.0]), "a MaskedArray"), ({1: 2}, "keys are not all texts"), ({1, 2}, "a set"),
    (endless(), "contains itself"), (np.zeros(ROOM), "shape [1000000]"), (len, "builtin_function"), (1j, "a complex"),
    (np.array(["a"]), "dtype <U1"), ((part for part in ()), "a generator")])
def test_what_is_no_plain_data_is_refused(value, says):
    with pytest.raises(messages.Refused) as refused:
        messages.encode(value, ROOM)
    assert says in str(refused.value)


@pytest.mark.parametrize("tree", [
    {"array": {"dtype": "|O", "shape": [1], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [-1], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [0, 10 ** 30], "data": ""}},
    {"array": {"dtype": "<f8", "shape": [True], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "|b1", "shape": [1], "data": "Ag=="}},
    {"array": {"dtype": "<f8", "shape": [1], "data": "!"}},
    {"array": {"dtype": ["<f8"], "shape": [1], "data": "AAAAAAAAAAA="}},
    {"array": {"shape": [1]}}, {"array": [1]}, {"tuple": 3}, {"dict": []}, {"pickle": "gASVAAAA"}, {}, {"a": 1, "b": 2}])
def test_forged_values_are_refused(tree):
    with pytest.raises(ValueError):
        messages.decode(tree)


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:0123456789eE-.\\uatrfn', max_size=60).map(str.encode))
def test_garbage_is_no_message(garbage):
    try:
        message = messages.from_line(garbage + b"\n")
    except ValueError:
        return
    assert isinstance(message, dict)


@pytest.mark.parametrize("line", [b"", b"{}", b"[" * 100_000 + b"\n", b"[1" + b",1" * 300_000 + b"]\n", b"[]\n",
                                  b"9" * 5000 + b"\n"])
def test_lines_that_are_cut_off_or_absurd_are_no_messages(line):
    with pytest.raises(ValueError):
        messages.from_line(line)


# Calls

SOURCE = '''
import numpy as np

print("loaded")


def give(*args, **named):
    return args, named


def grow(x):
    x += 1
    return x


def fail(x):
    y = x + 1
    return y @ np.ones(7)


def odd():
    class Strange(Exception):
        def __str__(self):
            raise RuntimeError
    raise Strange


def later():
    raise NotImplementedError("Task 1.1: later")


def endless():
    while True:
        pass


def leave(code):
    import os
    os._exit(code)


def crash():
    import faulthandler
    faulthandler._sigsegv()


def nothing():
    return object()


def chance():
    return [float(np.random.rand()), list({"some", "words", "in", "a", "set"})]


def talk(count):
    print("x" * count)


def process():
    import os
    return os.getpid(), os.getcwd(), os.listdir("."), dict(os.environ)


VALUE = 3
'''


@pytest.fixture(scope="module")
def shared():
    """A sandbox for calls that do not break it."""
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        yield sandbox


def test_arguments_and_values_keep_their_kinds(shared):
    args = (1, 2.5, "three", None, True, [1, (2, 3)], {"a": np.arange(3)}, np.eye(2, dtype=bool))
    back, named = shared.student.give(*args, last=np.float32([1]))
    assert same(back, args) and isinstance(back[5][1], tuple)
    assert named["last"].dtype == np.float32


@pytest.mark.parametrize("call, says", [
    (lambda student: student.grow(np.zeros(2)), r"^grow changed its argument number 1 in place; work on a copy$"),
    (lambda student: student.fail(np.zeros(3)), r"^fail raised ValueError: matmul.* \(line 18: `return y @ np.ones\(7\)`\)$"),
    (lambda student: student.odd(), r"^odd raised Strange \(line 25: `raise Strange`\)$"),
    (lambda student: student.nothing(), r"^nothing returned an object; expected numbers, texts, lists"),
    (lambda student: student.nowhere(), r"^there is no function nowhere in t1.py$"),
    (lambda student: student.VALUE(), r"^there is no function VALUE in t1.py$")])
def test_errors_say_what_and_where(shared, call, says):
    with pytest.raises(StudentError, match=says) as error:
        call(shared.student)
    assert not error.value.fatal and not error.value.unwritten
    assert shared.student.give() == ((), {}), "the sandbox goes on"


def test_a_stub_is_unwritten(shared):
    with pytest.raises(StudentError, match="^not written yet: Task 1.1: later$") as error:
        shared.student.later()
    assert error.value.unwritten


def test_the_process_has_an_empty_folder_and_a_clean_environment(shared, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    with Sandbox(SOURCE, "t1.py", QUICK) as fresh:
        fresh.start()
        _, folder, files, environment = fresh.student.process()
    assert files == [] and Path(folder) != Path.cwd()
    assert "SECRET_OF_THE_GRADER" not in environment and environment["OMP_NUM_THREADS"] == "1"


def test_chance_is_the_same_in_every_process():
    with Sandbox(SOURCE, "t1.py", QUICK) as other:
        other.start()
        first = other.student.chance()
        other.start()
        assert other.student.chance() == first


def gone(process: int, looks: int = 100) -> bool:
    """Whether a process has ended, looking several times. One that nobody has waited for has ended too."""
    for _ in range(looks):
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_nothing_is_left_behind():
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        process, folder, *_ = sandbox.student.process()
        assert Path(folder).exists()
    assert not Path(folder).exists()
    assert gone(process)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_what_a_process_has_started_is_stopped_too(tmp_path, monkeypatch):
    """Should a submission get round the fence: a worker that has started another process, which outlives it."""
    worker = tmp_path / "worker.py"
    worker.write_text("import subprocess, sys\n"
                      "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
                      "sys.stdin.readline()\nprint(other.pid, flush=True)\n")
    monkeypatch.setattr(child, "WORKER", worker)
    running = child.Child(child.Output(1000), ROOM)
    other = int(running.ask(b"who?\n", 30.0))
    assert running.exit_code() == 0 and not gone(other, looks=1)
    running.stop()
    assert gone(other)


@pytest.mark.parametrize("call, says", [
    (lambda student: student.endless(), "^endless took longer than 1 second$"),
    (lambda student: student.leave(0), r"^leave ended its own process \(exit code 0\)$"),
    (lambda student: student.leave(7), r"^leave ended its own process \(exit code 7\)$")])
def test_a_broken_sandbox_says_the_same_at_once_until_the_next_task(call, says):
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        for attempt in (call, call, lambda student: student.give(1)):
            with pytest.raises(StudentError, match=says) as error:
                attempt(sandbox.student)
            assert error.value.fatal
        sandbox.next_task()
        assert sandbox.student.give(1) == ((1,), {})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_crash_names_its_signal():
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        with pytest.raises(StudentError, match=r"^crash crashed Python \(SIG[A-Z]+\)$"):
            sandbox.student.crash()


def test_a_task_has_a_time_of_its_own():
    limits = Limits(call=5.0, task=0.5)
    with Sandbox(SOURCE, "t1.py", limits) as sandbox:
        sandbox.start()
        sandbox.next_task()
        with pytest.raises(StudentError, match=r"^the checks of this task took longer than 0.5 seconds in all$") as error:
            sandbox.student.endless()
        assert error.value.fatal


def test_computing_time_is_limited_too():
    pytest.importorskip("resource", reason="limits of computing time need a Unix system")
    with Sandbox(SOURCE, "t1.py", Limits(call=60.0, cpu=1)) as sandbox:
        sandbox.start()
        with pytest.raises(StudentError, match="^endless used more than 1 second of computing time$"):
            sandbox.student.endless()


def test_output_is_kept_up_to_a_limit():
    with Sandbox(SOURCE, "t1.py", Limits(output=100)) as sandbox:
        sandbox.start()
        sandbox.student.talk(50)
        sandbox.student.talk(1000)
        sandbox.close()
        assert sandbox.output.startswith("loaded\n" + "x" * 50 + "\n") and len(sandbox.output) < 150
        assert sandbox.output.endswith(f"and {7 + 51 + 1001 - 100} bytes more")


@pytest.mark.parametrize("source, says", [
    ("def f(:\n    pass\n", r"^t1.py raised SyntaxError: invalid syntax \(line 1: `def f\(:`\)$"),
    ("x = 1\nraise SystemExit(0)\n", r"^t1.py raised SystemExit: 0 \(line 2: `raise SystemExit\(0\)`\)$"),
    ("import os\nos._exit(0)\n", r"^t1.py ended its own process \(exit code 0\) while it was loaded$"),
    ("import nothing_like_that\n", r"^t1.py raised ModuleNotFoundError: No module named 'nothing_like_that' \(line 1"),
    ("x = '\0'\n", "^t1.py raised (ValueError|SyntaxError): source code (string )?cannot contain null bytes"),
    ("(" * 3000, "^t1.py raised SyntaxError: too many nested parentheses")])
def test_what_cannot_be_loaded(source, says):
    with Sandbox(source, "t1.py", QUICK) as sandbox:
        with pytest.raises(StudentError, match=says) as error:
            sandbox.start()
        assert error.value.fatal


# The fence

def test_our_packages_are_hidden_among_pythons_own_files(tmp_path):
    """As when they are installed into a folder that is readable because NumPy is there."""
    ours = tmp_path / "site-packages" / "minirearec"
    ours.mkdir(parents=True)
    watch = fence.hook(str(tmp_path / "home"), [str(tmp_path / "site-packages")], [str(ours)])
    watch("open", (str(tmp_path / "site-packages" / "numpy.py"), "r", os.O_RDONLY))
    for event, args in (("open", (str(ours / "config.py"), "r", os.O_RDONLY)), ("os.listdir", (str(ours),)),
                        ("open", (str(ours / ".." / "minirearec" / "config.py"), None, os.O_RDONLY))):
        with pytest.raises(PermissionError, match="reading minirearec's files is not allowed here"):
            watch(event, args)


def test_only_the_home_folder_is_written_in(tmp_path):
    (tmp_path / "home").mkdir()
    watch = fence.hook(str(tmp_path / "home"), [str(tmp_path)], [])
    watch("open", (str(tmp_path / "home" / "new"), "w", os.O_WRONLY | os.O_CREAT))
    watch("os.rename", (str(tmp_path / "home" / "a"), str(tmp_path / "home" / "b"), -1, -1))
    for event, args in (("open", (str(tmp_path / "homely"), "w", os.O_WRONLY | os.O_CREAT)),
                        ("os.rename", (str(tmp_path / "home" / "a"), str(tmp_path / "b"), -1, -1)),
                        ("os.remove", (str(tmp_path / "home" / ".." / "b"), -1)), ("os.chmod", (str(tmp_path), 0, -1))):
        with pytest.raises(PermissionError, match="writing outside of the working folder"):
            watch(event, args)


def test_the_kernel_refuses_files_where_it_can(tmp_path):
    """Without the audit hook: only Landlock stands between this process and the files."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "file.txt").write_text("text")
    code = f'''
import sys
sys.path.insert(0, {os.path.dirname(landlock.__file__)!r})
import landlock
try:
    landlock.restrict(read=[], write=[{str(inside)!r}], shallow=[])
except OSError as error:
    sys.exit(f"unknown: {{error}}")
for path, mode in ({str(inside / "file.txt")!r}, "r"), ({str(inside / "new.txt")!r}, "w"), \\
        ({str(outside / "file.txt")!r}, "r"), ({str(outside / "new.txt")!r}, "w"):
    try:
        open(path, mode).close()
        print("yes")
    except PermissionError:
        print("no")
'''
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.stderr.startswith("unknown"):
        pytest.skip("this kernel has no Landlock: Linux 5.13 or later, with it switched on")
    assert done.stdout.split() == ["yes", "yes", "no", "no"], done.stderr
