"""Results for programs: JSON or CSV, and not both."""

import csv
import io
import json

import click
import pytest

from minirearec_cli import printing


class Result:
    """What an analysis offers to printing."""

    def to_dict(self):
        return {"data": {"name": "a,b"}}

    def records(self):
        return [{"row": "step 0", "value": 0.5, "low": None}, {"row": 'a "b", c', "value": 1.0, "low": 0.25}]


def test_both_formats_at_once_are_refused():
    for one, other in ((False, False), (True, False), (False, True)):
        printing.check_format(one, other)
    with pytest.raises(click.UsageError, match="--json and --csv exclude each other. Choose one."):
        printing.check_format(True, True)


def test_json_is_one_object_and_csv_one_table(capsys):
    printing.show(Result(), as_csv=False)
    assert json.loads(capsys.readouterr().out) == {"data": {"name": "a,b"}}
    printing.show(Result(), as_csv=True)
    text = capsys.readouterr().out
    assert text.startswith("row,value,low\nstep 0,0.5,\n") and not text.endswith("\n\n")
    assert list(csv.DictReader(io.StringIO(text)))[1] == {"row": 'a "b", c', "value": "1.0", "low": "0.25"}
