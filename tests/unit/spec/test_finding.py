from styx.spec import finding


def test_a_folder_is_searched_and_what_is_no_spec_is_skipped(tmp_path):
    for name, text in (("b/two.yml", "run: x\n"), ("one.yaml", "resources: {}\n"), ("ci.yaml", "jobs: {}\nrun: x\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "three.yaml").write_text("run: x\n")
    found = finding.find([tmp_path])
    assert found.specs == (tmp_path / "b" / "two.yml", tmp_path / "one.yaml")
    assert found.skipped == (tmp_path / "ci.yaml",)


def test_a_named_file_counts_and_an_empty_folder_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    found = finding.find([tmp_path / "absent.yaml", tmp_path / "empty"])
    assert (found.specs, found.empty) == ((tmp_path / "absent.yaml",), (tmp_path / "empty",))
