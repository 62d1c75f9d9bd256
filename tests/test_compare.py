"""The benchmark that compares settings reads them from its command line."""

from tests.benchmarks.compare import parse


def test_a_text_names_the_method_and_its_settings():
    assert parse("erl kl_weight=0.1 items=unisrec with_ids=true layers=1") == {
        "method": "erl", "kl_weight": 0.1, "items": "unisrec", "with_ids": True, "layers": 1}
