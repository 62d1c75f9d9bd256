"""The notebooks: each runs from a clean kernel, and what readers get is what the sources say."""

import re

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.notebooks import copy, execute, to_notebook, tutorial, tutorials

TUTORIALS = tutorials()
MISSING = "not installed: pip install 'minirearec[tutorials]'"
each = pytest.mark.parametrize("found", TUTORIALS, ids=[found.name for found in TUTORIALS])


@pytest.fixture
def clean(tmp_path, monkeypatch):
    """Run in a folder without network and without the data, cache or settings of the person who runs the tests."""
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)
    for name in ("HOME", "XDG_CACHE_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR"):
        (tmp_path / "home" / name.lower()).mkdir(parents=True)
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there: whatever would download fails
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def test_numbered_from_zero():
    assert [found.number for found in TUTORIALS] == list(range(11))


@each
def test_runs_from_a_clean_kernel(found, clean):
    for package in ("jupytext", "nbclient", "ipykernel", "matplotlib"):
        pytest.importorskip(package, reason=f"{package} is {MISSING}")
    notebook = to_notebook(found.source)
    execute(notebook, clean)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs), "a picture at least"
    assert list(clean.iterdir()) == [], "nothing is left behind"


@each
def test_readers_get_what_the_source_says(found):
    nbformat = pytest.importorskip("nbformat", reason=f"nbformat is {MISSING}")
    pytest.importorskip("jupytext", reason=f"jupytext is {MISSING}")
    rendered, made = nbformat.read(found.rendered, as_version=4), to_notebook(found.source)
    nbformat.validate(rendered)
    assert [(cell.cell_type, cell.source) for cell in rendered.cells] == [
        (cell.cell_type, cell.source) for cell in made.cells], "run: python tutorials/render.py"
    code = [cell for cell in rendered.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    shown = re.sub(r'"image/png": "[^"]*"', "", found.rendered.read_text(encoding="utf-8"))
    assert '"output_type": "error"' not in shown and '"name": "stderr"' not in shown
    assert not re.search(r"(?<![\w./])/(work|tmp|home|Users|opt)/", shown), "no paths of a machine"


@each
def test_has_its_parts(found):
    text = found.source.read_text(encoding="utf-8")
    assert f"# # {found.number}. " in text and "$" in text
    for part in ("you will learn", "our turn", "<summary>Hint</summary>", "arXiv" if found.number == 0 else "aper"):
        assert part.lower() in text.lower(), part
    assert "import minirearec" in text or "from minirearec" in text


@each
def test_links_lead_somewhere(found):
    text = found.source.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
    assert links
    for link in links:
        assert (found.source.parent / link).exists(), link


def test_copies_and_never_overwrites(tmp_path):
    path, copied = copy(tutorial(2), tmp_path / "mine")
    assert copied and path.read_bytes() == tutorial(2).rendered.read_bytes()
    path.write_text("my answers")
    assert copy(tutorial(2), tmp_path / "mine") == (path, False) and path.read_text() == "my answers"


def test_a_copy_is_whole_or_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("os.replace", lambda *_: pytest.fail("killed"))
    with pytest.raises(pytest.fail.Exception):
        copy(tutorial(2), tmp_path)
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="file/02_attention.ipynb: cannot be written"):
        copy(tutorial(2), tmp_path / "file")
