"""The offers: opening and querying them."""

from styx.catalog.open import Catalog, open_catalog

__all__ = ["Catalog", "open_catalog"]
