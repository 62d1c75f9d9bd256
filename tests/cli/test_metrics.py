"""The option --metrics of train and evaluate."""

import json

ASKED = "ndcg@50,map@7,coverage@3"
NAMES = ("NDCG@50", "MAP@7", "Coverage@3")


def test_evaluate_shows_the_metrics_that_it_is_asked_for(finished, minirearec, figures):
    shown = json.loads(minirearec("evaluate", finished, "--metrics", ASKED, "--json").stdout)["test"]
    stored = figures(finished)["test"]
    for seen in ("excluded", "kept"):
        for row, values in stored[seen].items():
            assert {name: shown[seen][row].get(name) for name in values} == values
            assert set(NAMES) - shown[seen][row].keys() == ({"Coverage@3"} if "oracle" in row else set())
    table = minirearec("evaluate", finished, "--metrics", ASKED).stdout
    row = next(line for line in table.splitlines() if line.startswith(" > step 2"))
    answer = [shown[seen]["step 2"][name] for seen in ("excluded", "kept") for name in NAMES]
    assert row.split()[3:] == [f"{value:.4f}".removeprefix("0") for value in answer] and "Recall" not in table


def test_training_stores_and_shows_them(tiny, small, minirearec, refused, finished, tmp_path):
    words = ("train", "--dataset", tiny, "--method", "base", "--epochs", 1, "--quiet", *small)
    shown = minirearec(*words, "--out", tmp_path / "run", "--metrics", ASKED)
    assert shown.exit_code == 0 and "Coverage" in shown.stdout and "Recall" not in shown.stdout
    stored = json.loads((tmp_path / "run/results.json").read_text())["test"]["excluded"]["step 0"]
    assert {*NAMES, "NDCG@20"} <= stored.keys()
    again = minirearec("train", "--resume", tmp_path / "run", "--metrics", ASKED).stdout
    assert again.partition("Next: ")[0] == shown.stdout.partition("Next: ")[0]
    refused(minirearec("train", "--resume", finished, "--metrics", "recall@5,map@7"), "the results lack MAP@7",
            f"minirearec evaluate {finished} --metrics Recall@5,MAP@7")
    seeds = minirearec(*words, "--out", tmp_path / "seeds", "--seeds", 2, "--metrics", ASKED)
    assert [line.split()[0] for line in seeds.stdout.splitlines()[3:6]] == list(NAMES)


def test_a_wrong_name_is_refused_before_anything_happens(tiny, minirearec, refused, tmp_path):
    out = tmp_path / "run"
    for names, why in (("ndcg@0", "the cut-off of 'ndcg@0'"), ("beauty", "unknown metric 'beauty'")):
        refused(minirearec("train", "--dataset", tiny, "--metrics", names, "--out", out), why, "metrics")
    assert not out.exists()
