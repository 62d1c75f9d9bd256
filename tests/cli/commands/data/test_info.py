"""minirearec data info."""

import json

import pytest

from minirearec.data import card, cards


@pytest.mark.parametrize("name", sorted(cards()))
def test_info(name, minirearec):
    found = card(name)
    text = " ".join(minirearec("data", "info", name).stdout.split())
    assert found.title in text and f"{found.users:,} users" in text and found.licence.split()[0] in text
    shown = json.loads(minirearec("data", "info", name, "--json").stdout)
    assert (shown["name"], shown["users"], shown["by_hand"]) == (name, found.users, found.by_hand)


def test_a_recipe_and_its_settings(minirearec):
    text = " ".join(minirearec("data", "info", "software").stdout.split())
    assert "Recipe amazon-2023, min_history = 5, min_train_history = 10" in text
    assert "rows to train 151,731, validate 11,306, test 4,992" in text and "Files Software.train.csv.gz" in text


def test_the_facts_of_a_file(minirearec):
    shown, file = json.loads(minirearec("data", "info", "beauty", "--json").stdout), card("beauty").file
    assert (shown["filename"], shown["urls"], shown["sha256"]) == (file.filename, list(file.urls), file.sha256)
    assert shown["parts"] == [] and "file" not in shown
    shown = json.loads(minirearec("data", "info", "yelp", "--json").stdout)
    assert (shown["filename"], shown["urls"], shown["sha256"]) == ("", [], "")
    assert shown["parts"][1] == {"role": "titles", "filename": "yelp_academic_dataset_business.json", "urls": [],
                                 "sha256": "", "optional": True}


def test_info_on_the_items_of_data_that_are_here(minirearec, shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("MINIREAREC_DATA", str(tmp_path))
    words = ("ml-100k", "--data-dir", shared_data)
    text = " ".join(minirearec("data", "info", *words).stdout.split())
    assert "Titles 1,008 of 1,008 items Texts categories 1,008, year 1,008 of 1,008 items" in text
    assert "Features" not in text
    assert minirearec("data", "features", *words, "--from", "attributes", "--out", tmp_path).exit_code == 0
    shown = json.loads(minirearec("data", "info", *words, "--json").stdout)
    assert shown["texts"]["year"] == 1008 and shown["features"]["missing"] == 0
    assert "TF-IDF of categories, year" in " ".join(minirearec("data", "info", *words).stdout.split())
