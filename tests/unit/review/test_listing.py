from styx.review.listing import MOST_LINES, unified


def test_the_same_text_has_no_difference():
    assert unified("a\n", "a\n", "x.tf") == ""


def test_a_change_names_its_file_and_both_sides():
    text = unified("a\nb\n", "a\nc\n", "terraform/main.tf")
    assert text.startswith("--- a/terraform/main.tf\n+++ b/terraform/main.tf\n")
    assert "-b\n+c\n" in text


def test_what_is_long_is_counted():
    text = unified("", "line\n" * 500, "x")
    assert text.splitlines()[-1] == f"… {503 - MOST_LINES} more lines of x"


def test_line_ends_alone_are_a_difference():
    assert "only its line ends differ" in unified("a\n", "a", "x")
