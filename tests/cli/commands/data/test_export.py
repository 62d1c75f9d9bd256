"""minirearec data export."""

import pytest

from minirearec.data import load


@pytest.mark.parametrize("name", ["out.csv.gz", "out.tsv", "out.jsonl", "out.inter"])
def test_export_and_import_again(name, minirearec, imported, tmp_path):
    result = minirearec("data", "export", imported, "--out", tmp_path / name)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / name}\n")
    assert minirearec("data", "import", tmp_path / name, "--out", tmp_path / "again").exit_code == 0
    assert load(tmp_path / "again").sha256 == load(imported).sha256
    assert load(tmp_path / "again").titles.tolist() == load(imported).titles.tolist()
