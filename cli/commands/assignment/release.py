"""minirearec assignment release: what students get, and nbgrader's source for the teacher."""

import json
import shlex
from pathlib import Path

import click

from minirearec_cli import options, text
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command("release", cls=SectionCommand, examples=(
    "minirearec assignment release a2 --out course",
    "minirearec assignment release --all --out course",
    "cd course && nbgrader generate_assignment a2"))
@click.argument("names", metavar="[NAME]...", nargs=-1, type=Place())
@option("--all", "every", section="Assignments", is_flag=True, help="every assignment instead of those named")
@option("--out", section="Output", required=True, type=Place(), metavar="DIR",
        help="the course folder to make or to add to")
@option("--force", section="Output", is_flag=True, help="replace files that already exist")
@options.json_option()
def command(names, every, out, force, as_json):
    """Write the files that students get.

    DIR/student/NAME is for students: the text, the Python file to fill in, its tests, and all of it as a notebook.
    DIR/source/NAME is nbgrader's source with the solutions, for the teacher only; DIR is a course folder of nbgrader.

    DIR/grading.toml has the rules for grading, such as other points, which the texts then follow.

    An existing file is not overwritten without --force; nbgrader_config.py and grading.toml never are.
    """
    from minirearec_tutorials.grading.assignment.finding import assignment, assignments
    from minirearec_tutorials.grading.handout.release import RULES, SOURCE, STUDENT, release

    if every == bool(names):
        raise click.UsageError("Name the assignments to release, or use --all, but not both.")
    items = list(assignments().values()) if every else [assignment(name) for name in dict.fromkeys(names)]
    written = release(items, Path(out), force)
    if as_json:
        click.echo(json.dumps({"assignments": [item.name for item in items], "written": list(map(str, written))},
                              indent=2))
        return
    from minirearec_cli import console

    results, first, course = console.results(), items[0].name, Path(out)
    for path in written:
        console.say(results, f"Made {path}")
    console.say(results, f"For students: {course / STUDENT}")
    console.say(results, f"For you only: {course / SOURCE}, with the solutions")
    rules = ("--rules", course / RULES)
    grading = text.command("assignment", "grade", first, "SUBMISSIONS", "--out", "grades.csv", *rules)
    console.say(results, f"Grade files, notebooks:  {grading}")
    console.say(results, f"Continue with nbgrader:  {shlex.join(['cd', out])} && nbgrader generate_assignment {first}")
