"""The ONNX file of a run carries ids and facts; what cannot be exported is refused with a reason.

The exporter itself is tested in tests/nn/test_exporting.py, and the whole way in tests/cli/commands/test_export.py;
here it is replaced, so that these tests are quick and need no extra.
"""

import json

import pytest

from minirearec.errors import DataError, ExportError
from minirearec.export import as_onnx
from minirearec.export.as_onnx import export_onnx
from minirearec.nn import exporting


@pytest.fixture(autouse=True)
def exported(monkeypatch):
    """Return the list of metadata that exports are given; a file holds "a model"."""
    notes = []
    monkeypatch.setattr(as_onnx, "find_spec", lambda name: name)
    monkeypatch.setattr(exporting, "to_onnx", lambda engine, given: notes.append(given) or b"a model")
    return notes


def test_the_file_carries_the_facts_and_the_items(exported, runs, titled, tmp_path):
    path = export_onnx(runs["base"], tmp_path / "new" / "base.onnx")
    assert path.read_bytes() == b"a model" and list(path.parent.iterdir()) == [path]
    facts, items = (json.loads(exported[0][name]) for name in ("facts", "items"))
    assert items == {"ids": titled.item_ids.tolist(), "titles": titled.titles.tolist()}
    assert facts["method"] == "base" and facts["data"]["sha256"] == titled.sha256


def test_nothing_is_overwritten(exported, runs, tmp_path):
    (tmp_path / "base.onnx").write_text("mine")
    with pytest.raises(DataError, match="base.onnx: there is something here already"):
        export_onnx(runs["base"], tmp_path / "base.onnx")
    assert (tmp_path / "base.onnx").read_text() == "mine" and not exported


def test_counts_have_no_network(runs, tmp_path):
    with pytest.raises(ExportError, match="counts has no network to export. Use --to numpy"):
        export_onnx(runs["counts"], tmp_path / "counts.onnx")


def test_without_the_extra_the_message_says_what_to_install(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(as_onnx, "find_spec", lambda name: None)
    says = r"onnx and onnxscript not installed. Use --to numpy, or run: .* -m pip install "
    with pytest.raises(ExportError, match=says):
        export_onnx(runs["base"], tmp_path / "base.onnx")


def test_a_model_too_large_for_one_file(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(as_onnx, "LARGEST", 1000)
    with pytest.raises(ExportError, match=r"its weights have \d+,\d+ bytes, and an ONNX file holds less than 2 GiB"):
        export_onnx(runs["base"], tmp_path / "base.onnx")
