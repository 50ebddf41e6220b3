"""The committed reference is current, and every field has its line."""

from pathlib import Path

from styx.spec.models import descriptions, every_model
from styx.spec.reference import reference
from styx.spec.task import TaskSpec

ROOT = Path(__file__).parents[3]


def test_the_reference_is_current():
    assert (ROOT / "docs/spec.md").read_text() == reference(), "run: python -m styx.spec.reference > docs/spec.md"


def test_every_field_is_described():
    for model in every_model(TaskSpec):
        assert model.__doc__
        assert set(model.model_fields) == set(descriptions(model)), model.__name__
