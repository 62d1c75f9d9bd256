"""The ONNX file of a run carries ids and facts; what cannot be exported is refused with a reason.

That its scores are those of PyTorch is tested with ``nn.exporting``, which makes it.
"""

import json

import pytest

from minirearec.errors import DataError, ExportError
from minirearec.export import as_onnx
from minirearec.export.as_onnx import export_onnx


@pytest.fixture
def extra():
    """Skip the test without the extra, and return the module that reads the files."""
    pytest.importorskip("onnxscript", reason="needs the extra: pip install 'minirearec[onnx]'")
    return pytest.importorskip("onnx", reason="needs the extra: pip install 'minirearec[onnx]'")


def test_the_file_carries_the_facts_and_the_items(extra, runs, titled, tmp_path):
    path = export_onnx(runs["base"], tmp_path / "new" / "base.onnx")
    assert [file.name for file in path.parent.iterdir()] == ["base.onnx"]
    notes = {note.key: json.loads(note.value) for note in extra.load(path).metadata_props}
    assert notes["items"]["ids"] == titled.item_ids.tolist() and notes["items"]["titles"] == titled.titles.tolist()
    assert notes["facts"]["method"] == "base" and notes["facts"]["data"]["sha256"] == titled.sha256


def test_nothing_is_overwritten(extra, runs, tmp_path):
    (tmp_path / "base.onnx").write_text("mine")
    with pytest.raises(DataError, match="base.onnx: there is something here already"):
        export_onnx(runs["base"], tmp_path / "base.onnx")
    assert (tmp_path / "base.onnx").read_text() == "mine"


def test_counts_have_no_network(runs, tmp_path):
    with pytest.raises(ExportError, match="counts has no network to export. Use --to numpy"):
        export_onnx(runs["counts"], tmp_path / "counts.onnx")


def test_without_the_extra_the_message_says_what_to_install(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(as_onnx, "find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"onnx and onnxscript not installed. Run: pip install 'minirearec\[onnx\]'"):
        export_onnx(runs["base"], tmp_path / "base.onnx")


def test_a_model_too_large_for_one_file(extra, runs, tmp_path, monkeypatch):
    monkeypatch.setattr(as_onnx, "LARGEST", 1000)
    with pytest.raises(ExportError, match=r"its weights have \d+,\d+ bytes, and an ONNX file holds less than 2 GiB"):
        export_onnx(runs["base"], tmp_path / "base.onnx")
