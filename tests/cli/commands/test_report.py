"""minirearec report: one file, refused with a reason or written whole."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def copied(finished, tmp_path_factory):
    """Return a second run on the same data: a copy of the first in another folder."""
    place = tmp_path_factory.mktemp("copied") / "second"
    shutil.copytree(finished, place)
    return place


def embedded(page: str) -> dict:
    return json.loads(page.partition('id="embedded">')[2].partition("</script>")[0])


def test_one_file_holds_the_runs_and_their_users(finished, copied, minirearec, tmp_path):
    out = tmp_path / "new" / "both.html"
    result = minirearec("report", finished, copied, "-o", out, "--users", 7, "--json")
    page = out.read_text("utf-8")
    assert json.loads(result.stdout) == {"runs": [str(finished), str(copied)], "file": str(out),
                                         "bytes": out.stat().st_size}
    assert list(out.parent.iterdir()) == [out]
    found = embedded(page)
    assert [model["name"] for model in found["models"]] == [f"prl, K = 2, seed 0 ({number})" for number in (1, 2)]
    assert "These runs are not compared: " in page, "one is a copy of the other"
    assert len(found["examples"]) == 7 and len(found["ids"]) == 80 and found["titles"] is None


def test_the_page_is_analyzed_and_timed(finished, minirearec, tmp_path):
    assert minirearec("report", finished, "-o", tmp_path / "a.html", "--timing").exit_code == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    analysis = json.loads(minirearec("analyze", finished, "--json").stdout)
    assert f'<data value="{analysis["gains"]["NDCG@20"]["null oracle"]["low"]}">' in page
    assert 'data-table="timing"' in page and 'id="comparison"' not in page


def test_half_takes_less_room_and_says_how_much(finished, minirearec, tmp_path):
    said = minirearec("report", finished, "-o", tmp_path / "a.html").stdout
    assert said.startswith(f"Wrote {tmp_path / 'a.html'}  ") and "it needs no network" in said
    minirearec("report", finished, "-o", tmp_path / "b.html", "--half")
    arrays = [embedded((tmp_path / name).read_text())["models"][0]["arrays"] for name in ("a.html", "b.html")]
    assert [one["item_embedding"]["dtype"] for one in arrays] == ["float32", "float16"]
    assert arrays[0]["input_norm.weight"] == arrays[1]["input_norm.weight"]


def test_without_the_data_set_there_are_no_users(finished, minirearec, tiny, tmp_path):
    hidden = tiny.rename(tiny.with_name("hidden.txt"))
    try:
        result = minirearec("report", finished, "-o", tmp_path / "a.html")
    finally:
        hidden.rename(tiny)
    assert result.exit_code == 0 and "No analysis and no users in the page" in result.stderr
    assert embedded((tmp_path / "a.html").read_text())["examples"] == []


def test_what_is_refused(finished, tmp_path, minirearec, refused, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(minirearec("report", "nowhere"), "nowhere: no such run directory")
    refused(minirearec("report", finished, finished), "given twice")
    (tmp_path / "report.html").write_text("mine")
    refused(minirearec("report", finished), "report.html: there is something here already")
    assert (tmp_path / "report.html").read_text() == "mine"
    refused(minirearec("report", finished, "-o", "report.html/in/it.html"), "cannot be written")


def test_an_unfinished_run_is_refused(finished, tmp_path, minirearec, refused):
    shutil.copytree(finished, tmp_path / "run", ignore=shutil.ignore_patterns("results.json"))
    words = ("report", finished, tmp_path / "run", "-o", tmp_path / "a.html")
    refused(minirearec(*words), "run: the run has not finished", "minirearec train --resume")
    assert "opening" not in minirearec(*words).stderr, "the analysis takes long"
    assert not (tmp_path / "a.html").exists()
