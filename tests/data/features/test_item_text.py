"""What is known of items, as terms and as texts."""

import numpy as np
import pytest

from minirearec.data.features.item_text import SOURCES, columns_of, terms, texts
from minirearec.data.features.tfidf import Terms
from minirearec.data.files.columns import TEXTS
from minirearec.errors import ConfigError, DataError
from minirearec_cli.commands.data import features as options
from tests.data.features.films import films


def test_choices_are_those_of_the_command():
    assert tuple(SOURCES) == options.SOURCES and TEXTS == options.TEXTS


@pytest.mark.parametrize("source, wanted, roles", [
    ("all", (), ["title", "brand", "categories"]), ("titles", (), ["title"]),
    ("attributes", (), ["brand", "categories"]),
    ("paper", (), ["title", "brand", "categories", "price"]), ("all", ("price", "title"), ["price", "title"])])
def test_columns_of_a_source(source, wanted, roles):
    assert list(columns_of(films("brand", "categories", "price"), source, wanted)) == roles


@pytest.mark.parametrize("data, source, wanted, message", [
    (films("brand", titles=False), "titles", (), "data set films: has no titles. It has brand. Import the data"),
    (films(), "attributes", (), "has no attributes. It has title. Import the data with a table of items"),
    (films(titles=False), "all", (), "has no titles and no attributes. Import the data with a table of items"),
    (films(titles=False), "paper", (), "has no titles and no attributes"),
    (films(), "all", ("title", "brand"), "has no brand. It has title"),
])
def test_data_that_lack_something(data, source, wanted, message):
    with pytest.raises(DataError, match=f"{message}.*--from FILE.json or FILE.npy"):
        columns_of(data, source, wanted)


def test_empty_titles_are_none():
    data = films()
    data.titles[:] = ""
    with pytest.raises(DataError, match="has no titles"):
        columns_of(data, "titles")


def test_unknown_columns_are_refused():
    with pytest.raises(ConfigError, match="--texts: unknown column 'colour'. Choose from: title, brand"):
        columns_of(films(), "all", ("colour",))


def test_terms_are_words_and_whole_labels():
    columns = {"title": np.array(["Red river", ""], dtype=object),
               "categories": np.array(["Sci Fi|Red", "Red"], dtype=object)}
    numbering = Terms()
    words, label = list(numbering.words("red river")), numbering.label
    assert list(terms(columns, numbering)) == [
        [*words, label("categories=Sci Fi"), label("categories=Red")], [label("categories=Red")]]
    assert label("brand=Red") != label("categories=Red")


def test_texts_in_a_row_and_in_the_lines_of_the_paper():
    columns = columns_of(films("categories", "price"), "paper")
    assert texts(columns)[:3] == ["Red River Western 9.99", "The red House Drama, Crime", ""]
    assert texts(columns, as_lines=True)[:3] == [
        "- title:Red River\n- categories:Western\n- price:9.99", "- title:The red House\n- categories:Drama, Crime", ""]
