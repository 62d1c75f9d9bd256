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
