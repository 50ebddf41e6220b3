"""What the catalog holds at this moment: the answer of `styx catalog info`."""

from dataclasses import dataclass
from pathlib import Path

from styx import clouds
from styx.catalog import overlay as overlays
from styx.catalog.held import held
from styx.catalog.open import Catalog
from styx.catalog.overlay import Overlay


@dataclass(frozen=True, slots=True)
class CloudInformation:
    """What is held of one cloud."""

    cloud: str
    rows: int
    oldest: str
    """ISO date of its oldest price."""
    newest: str
    origin: str
    """`shipped`, or the host that it was fetched from and when."""
    digest: str


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the overlay."""

    section: str
    line: int
    offers: int
    """How many it matches; 0 when it does nothing."""


@dataclass(frozen=True, slots=True)
class Information:
    """What the catalog holds."""

    clouds: tuple[CloudInformation, ...]
    rows: int
    digest: str
    """Of all rented machines and the overlay; a plan that considers fewer clouds carries another."""
    doubts: dict[str, int]
    """Lint rule → offers that it marks as doubtful."""
    overlay: str | None
    """The file with the user's own terms."""
    terms: tuple[Term, ...] = ()


def information(overlay: Path | None = None) -> Information:
    """Return what the catalog holds of every cloud; raise CatalogError when a file is not whole."""
    terms = overlays.read(overlay)
    catalog = Catalog((), held(clouds.ids()), terms)
    doubts = catalog.connection.execute("SELECT rule, count(*) FROM doubts GROUP BY rule ORDER BY rule").fetchall()
    return Information(
        clouds=tuple(
            CloudInformation(cloud, rows.rows, rows.oldest, rows.newest, table.origin, table.manifest.digest)
            for table in catalog.tables
            for cloud, rows in zip(table.clouds, table.rows, strict=True)
        ),
        rows=catalog.count,
        digest=catalog.digest,
        doubts=dict(doubts),
        overlay=str(terms.path) if terms else None,
        terms=_terms(catalog, terms) if terms else (),
    )


def _terms(catalog: Catalog, overlay: Overlay) -> tuple[Term, ...]:
    """Return what each entry of the overlay does, in its order."""
    from styx.catalog import overlaid

    private = [Term("private", one.line, 1) for one in overlay.private]
    others = [Term(*row) for row in overlaid.effects(catalog.connection)]
    return tuple(sorted([*private, *others], key=lambda one: one.line))
