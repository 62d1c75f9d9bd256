"""The audit hook: which files may be read and written."""

import os

import pytest

from minirearec_tutorials.grading.sandbox.inside import fence


def test_our_packages_are_hidden_among_pythons_own_files(tmp_path):
    """As when they are installed into a folder that is readable because NumPy is there."""
    ours = tmp_path / "site-packages" / "minirearec"
    ours.mkdir(parents=True)
    watch = fence.hook(str(tmp_path / "home"), [str(tmp_path / "site-packages")], [str(ours)])
    watch("open", (str(tmp_path / "site-packages" / "numpy.py"), "r", os.O_RDONLY))
    for event, args in (("open", (str(ours / "config.py"), "r", os.O_RDONLY)), ("os.listdir", (str(ours),)),
                        ("open", (str(ours / ".." / "minirearec" / "config.py"), None, os.O_RDONLY))):
        with pytest.raises(PermissionError, match="reading minirearec's files is not allowed here"):
            watch(event, args)


def test_only_the_home_folder_is_written_in(tmp_path):
    (tmp_path / "home").mkdir()
    watch = fence.hook(str(tmp_path / "home"), [str(tmp_path)], [])
    watch("open", (str(tmp_path / "home" / "new"), "w", os.O_WRONLY | os.O_CREAT))
    watch("os.rename", (str(tmp_path / "home" / "a"), str(tmp_path / "home" / "b"), -1, -1))
    for event, args in (("open", (str(tmp_path / "homely"), "w", os.O_WRONLY | os.O_CREAT)),
                        ("os.rename", (str(tmp_path / "home" / "a"), str(tmp_path / "b"), -1, -1)),
                        ("os.remove", (str(tmp_path / "home" / ".." / "b"), -1)), ("os.chmod", (str(tmp_path), 0, -1))):
        with pytest.raises(PermissionError, match="writing outside of the working folder"):
            watch(event, args)
