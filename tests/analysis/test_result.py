"""Tidy rows hold every figure of an analysis; notebooks show them as a table."""

import sys
from types import SimpleNamespace

from minirearec.analysis import analyze


def test_every_figure_is_a_row(run, data, monkeypatch):
    found = analyze(run, data=data)
    rows = found.records()
    assert len({tuple(row) for row in rows}) == 1
    index = {(row["table"], row["row"], row["group"], row["measure"]): row for row in rows}
    assert len(index) == len(rows)
    assert index["metrics", "step 1", "kept", "NDCG@10"]["value"] == found.kept["step 1"]["NDCG@10"]
    assert index["gains", "oracle", "", "NDCG@20"]["high"] == found.gains["NDCG@20"]["oracle"].high
    group = found.by_popularity[2]
    assert index["popularity", "step 2", f"{group.low} to {group.high}", "NDCG@20"]["value"] == group.rows[
        "step 2"].value
    assert index["cosine", "step 0", "step 2", "cosine"]["value"] == found.thinking.cosine[0][2]
    head = found.thinking.attention[1][0][1]
    assert index["attention", "step 2", "layer 1 head 2", "item -2"]["value"] == head.items[1]
    assert index["attention", "step 2", "layer 1 head 2", "step 2"]["value"] == head.steps[1]
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    assert found.to_frame() == rows
    sections = found.sections()
    assert sections.keys() == {row["table"] for row in rows}
    assert sections["popularity"][2][f"{group.low} to {group.high} NDCG@20"] == group.rows["step 2"]
    assert [row["step 2 cosine"] for row in sections["cosine"]] == [line[2] for line in found.thinking.cosine]
    shown = found._repr_html_()
    assert f"<td>{group.rows['step 2'].value:.4f} [{group.rows['step 2'].low:.4f}, " in shown
    assert shown.count("<table>") == len(sections) and f"<td>{found.kept['step 1']['NDCG@10']:.4f}</td>" in shown


def test_where_all_items_take_the_steps_attention_is_on_items_alone(train, data):
    found = analyze(train(method="rpe", reasoner="lares", steps=1), data=data)
    shown = [row["measure"] for row in found.records() if row["table"] == "attention"]
    assert shown == 2 * [*(f"item {-1 - age}" for age in range(10)), "older items"], "of two heads"
