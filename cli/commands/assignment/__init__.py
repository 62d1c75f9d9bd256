"""minirearec assignment: do an assignment, check it, hand assignments out, and grade what students hand in."""

import click

from minirearec_cli.groups import LazyGroup

COMMANDS = {
    "list": "List the assignments with their points.",
    "start": "Start an assignment in a folder of its own.",
    "check": "Check your own work.",
    "grade": "Grade a folder of submissions.",
    "release": "Write the files that students get.",
}


@click.group("assignment", cls=LazyGroup, package=__name__, lines=COMMANDS, examples=(
    "minirearec assignment list",
    "minirearec assignment start a2",
    "minirearec assignment check a2",
    "minirearec assignment grade a2 submissions --out grades.csv"))
def command():
    """Do an assignment, check it, hand assignments out, and grade what students hand in.

    An assignment is a name from the list, or a folder with an assignment.toml. Submissions run in a process of their
    own, with limits on time, memory and file access.
    """
