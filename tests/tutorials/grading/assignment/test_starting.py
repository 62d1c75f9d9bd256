"""A student's own folder."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.starting import own_file, start, starting_files


def test_an_assignment_with_a_name_has_tests_that_find_it(own, tiny):
    files = starting_files(own)
    assert list(files) == ["b1.py", "README.md", "test_b1.py"]
    assert files["b1.py"] == own.stub() and files["README.md"] == own.text()
    assert 'tests_of("b1"' in files["test_b1.py"]
    compile(files["test_b1.py"], "test_b1.py", "exec")
    assert list(starting_files(tiny)) == ["t1.py", "README.md"], "tests could not find it"


def test_the_first_path_is_the_file_to_fill_in_and_the_second_the_text(own, tmp_path):
    paths = start(own, tmp_path / "work" / "b1")
    assert [path.name for path in paths] == ["b1.py", "README.md", "test_b1.py"]
    assert paths[0].read_text() == own.stub()


def test_nothing_is_written_over_a_file_or_a_broken_link(own, tmp_path):
    (tmp_path / "README.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"already there: .*README\.md.*Nothing was written"):
        start(own, tmp_path)
    assert not (tmp_path / "b1.py").exists() and not (tmp_path / "nowhere").exists()


def test_the_own_file_is_found_in_the_folder_or_here(own, tmp_path):
    with pytest.raises(ConfigError, match="neither b1/b1.py nor b1.py here.*assignment start b1"):
        own_file(own, here=tmp_path)
    (tmp_path / "b1.py").write_text("")
    assert own_file(own, here=tmp_path) == tmp_path / "b1.py"
    (tmp_path / "b1").mkdir()
    (tmp_path / "b1" / "b1.py").write_text("")
    assert own_file(own, here=tmp_path) == tmp_path / "b1" / "b1.py"
    assert own_file(own, str(tmp_path / "b1.py")) == tmp_path / "b1.py"
    with pytest.raises(ConfigError, match="none.py: there is no such file"):
        own_file(own, str(tmp_path / "none.py"))
