import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from styx import unsafe_yaml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

TEXTS = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9]{0,9}", fullmatch=True)
TYPE_LIKE = ["", "no", "1", "1.5", "null", "~", "2024-01-01", "012", "0x1f", "1:30", ".nan", "<<", "=", "true", "1_000"]
LINES = ["a\n\x85b", "a\n\u2028b\u2029", "a\r\nb", "  a\n b  \n\n", "\na", "a\n\tb: c\n#d", "- a\n- b\n", "a \nb"]
TEMPLATES = ["{{ 1 + 1 }}", "{% raw %}", "{# x #}", "a\n{{ lookup('pipe', 'id') }}\n", "{{ x }}\r\n", "#jinja2: x"]


def as_ansible_has_it(values):
    """Return the values as a task sees them: loaded, and templated."""
    loader = DataLoader()
    loaded = loader.load(unsafe_yaml.dump(values))
    return Templar(loader=loader, variables=loaded).template(loaded)


@settings(max_examples=1000, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9]{0,9}", fullmatch=True), TEXTS | st.sampled_from(TYPE_LIKE + LINES)
    )
)
def test_ansible_has_every_text_byte_for_byte(values):
    assert as_ansible_has_it({"envs": values})["envs"] == values


@pytest.mark.parametrize("text", TYPE_LIKE + TEMPLATES + LINES)
def test_a_text_that_looks_like_something_else_stays_a_text(text):
    found = as_ansible_has_it({"top": text, "below": {"list": [text], "n": 1, "t": True, "e": None}})
    assert found == {"top": text, "below": {"list": [text], "n": 1, "t": True, "e": None}}


def test_every_text_that_could_be_a_template_is_marked_and_no_key_is():
    text = unsafe_yaml.dump({"a": "{{ 1 + 1 }}", "b": ["x\ny"], "c": 3, "d": {"no": "y", "yes": "no"}})
    assert text == (
        'a: !unsafe "{{ 1 + 1 }}"\nb:\n- !unsafe |-\n  x\n  y\nc: 3\nd:\n  \'no\': !unsafe "y"\n  \'yes\': "no"\n'
    )


def test_the_same_text_twice_makes_no_alias():
    shared = ["x"]
    assert "&" not in unsafe_yaml.dump({"a": shared, "b": shared})
