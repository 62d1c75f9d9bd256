"""What being late costs: a policy such as ``10%/day``, and the times at which students handed in."""

import csv
import math
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from minirearec.errors import ConfigError

POLICY = re.compile(r"(?P<amount>[0-9]{1,3}(?:\.[0-9]{1,2})?)(?P<percent>%?)/(?P<unit>day|hour)")
DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
SECONDS = {"day": 86400, "hour": 3600}
CHOICES = "note, zero, 10%/day, 1/day, 5%/hour"


@dataclass(frozen=True)
class Policy:
    """What each day or hour that has begun costs: a share of what was earned, or points. Infinity: everything."""

    amount: float
    share: bool = False
    unit: str = "day"

    def deducted(self, earned: float, late: float) -> float:
        """Return the points that a submission loses, which is ``late`` seconds late."""
        if late <= 0 or not self.amount:
            return 0
        cost = self.amount * math.ceil(late / SECONDS[self.unit]) * (earned / 100 if self.share else 1)
        return round(min(earned, cost), 2)


    def __str__(self) -> str:
        if self == NOTE or math.isinf(self.amount):
            return "note" if self == NOTE else "zero"
        return f"{self.amount:g}{'%' * self.share}/{self.unit}"


NOTE = Policy(0)  # being late costs nothing, but is said


def read_policy(text: str) -> Policy:
    """Read ``note`` (costs nothing, but is said), ``zero``, ``10%/day`` or ``1/hour``. Raises ValueError."""
    if text in ("note", "zero"):
        return NOTE if text == "note" else Policy(math.inf)
    found = POLICY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a policy; examples: {CHOICES}")
    return Policy(float(found["amount"]), bool(found["percent"]), found["unit"])


def read_time(text: str) -> datetime:
    """Read a time such as ``2026-05-01 18:00``, which is local unless it names its offset. Raises ValueError.

    A date alone would mean its first minute, which nobody means.
    """
    if DATE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is a date without a time; write, say, {text.strip()}T23:59")
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text!r} is not a time such as 2026-05-01T18:00") from None


def read_times(path: Path) -> dict[str, float]:
    """Return when students handed in, by name or id, from a CSV of two columns: student, time.

    The first line may be a heading. Of several times of a student the last line counts. Raises ConfigError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot be read: {reason}", str(path),
                          "Give a CSV of two columns: student, time.") from error
    times = {}
    for number, row in enumerate(rows, 1):
        try:
            student, time = row[:2]
            times[student.strip()] = read_time(time).timestamp()
        except ValueError as error:
            if number > 1 or any(letter.isdigit() for letter in "".join(row[1:2])):  # no heading
                raise ConfigError(f"not a student and a time: {', '.join(row)}", f"{path}, row {number}",
                                  f"{error}.") from None
    return times


def how_late(seconds: float) -> str:
    """Return ``2 days 3 hours late``, rounded up to the minute."""
    minutes = math.ceil(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}{'' if count == 1 else 's'}"
             for count, unit in ((days, "day"), (hours, "hour"), (minutes, "minute")) if count]
    return f"{' '.join(parts[:2])} late"
