"""What the tests of the provider without a cloud share."""

from tests.cloudless.fixtures import cloudless, cloudless_images

__all__ = ["cloudless", "cloudless_images"]
