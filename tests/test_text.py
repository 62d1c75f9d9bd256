"""Text from others is safe to print."""

from minirearec.text import printable


def test_control_characters_are_shown_not_sent():
    assert printable("a\x1b[2Jb\rc\u202ed\te\n") == "a\\x1b[2Jb\\x0dc\\x202ed\te\n"
