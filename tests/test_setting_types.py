"""The list of settings for editors is that of the config."""

from dataclasses import fields

from minirearec.config import SECTIONS
from minirearec.setting_types import Settings


def test_settings_are_those_of_the_config():
    expected = [(item.name, item.type) for section in SECTIONS.values()
                for item in fields(section)]
    assert list(Settings.__annotations__.items()) == expected
