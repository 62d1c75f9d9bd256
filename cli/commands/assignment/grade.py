"""minirearec assignment grade: a folder of submissions as a table, pages, and files for Gradescope."""

import json
from pathlib import Path

import click

from minirearec_cli import options
from minirearec_cli.options import Place, SectionCommand, Whole, option


@click.command("grade", cls=SectionCommand, examples=(
    "minirearec assignment grade a2 submissions --out grades.csv",
    "minirearec assignment grade a2 submissions --out grades.csv --jobs 8 --force"))
@click.argument("name", type=Place())
@click.argument("folder", metavar="SUBMISSIONS", type=Place())
@option("--out", section="Output", required=True, type=Place(), metavar="FILE.csv",
        help="the table to make; a folder of the same name gets a page and Gradescope's results.json for each student")
@option("--force", section="Output", is_flag=True, help="replace an earlier grading")
@options.json_option()
@option("--jobs", section="Machine", type=Whole(min=1, max=1024), metavar="N",
        help="submissions to grade at the same time  [default: 2, or 1 on one processor]")
def command(name, folder, out, force, as_json, jobs):
    """Grade a folder of submissions.

    Submissions are STUDENT/NAME.py, STUDENT.py or NAME_STUDENT.py. Every submission gets a line in the table, whatever
    it does: a folder without the file earns 0 points, and the line says why.
    """
    from minirearec_cli import console
    from minirearec_cli.views.assignment import gradebook
    from minirearec_tutorials.grading.assignment.finding import assignment

    item = assignment(name)
    grades, places = gradebook.grade_into(console.notices(), item, Path(folder), Path(out), jobs, force)
    if as_json:
        from minirearec_tutorials.grading.marking.report import as_dict

        click.echo(json.dumps({"assignment": item.name, **{key: str(path) for key, path in places.items()},
                               "grades": [as_dict(grade) for grade in grades]}, indent=2))
    else:
        gradebook.show_grades(console.results(), item, grades, places)
