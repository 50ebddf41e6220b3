"""What readers see of what is stored, whatever that is."""

import pytest

from styx.server.reading import moment


@pytest.mark.parametrize(("seconds", "year"), [(0.0, 1970), (1.8e9, 2027), (8.6e11, 9999), (1e300, 9999)])
def test_every_number_of_seconds_is_a_moment(seconds, year):
    assert moment(seconds).year == year
