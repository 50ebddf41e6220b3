"""What to make of two answers to one spec: each difference is explained, or it is wrong and fails the benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from styx.catalog import Catalog
from styx.optimizer import Verdict as Standing
from styx.optimizer import why_not
from styx.spec import SpecFile

BESIDE_USD = 0.06
"""Disk and address of a machine an hour, of the usual size, at the dearest price known: what an unknown one may be."""


@dataclass(frozen=True)
class Verdict:
    """One sentence, and whether it is held against Styx."""

    said: str
    wrong: bool = False


class Market:
    """The offers that both were asked about."""

    def __init__(self, catalog: Catalog, clouds: Sequence[str]) -> None:
        self.catalog, self.clouds = catalog, tuple(clouds)
        columns = "cloud || '/' || region || '/' || instance_type, hourly_usd, spot_hourly_usd, accelerator"
        rows = catalog.connection.execute(f"SELECT {columns} FROM offers").fetchall()
        self._prices: Mapping[str, tuple[float | None, float | None]] = {row[0]: row[1:3] for row in rows}
        self._with_gpus = frozenset(row[0] for row in rows if row[3])

    def judged(self, spec: SpecFile, peer: Sequence[str], styx: str | None) -> Verdict:
        """Judge Styx's choice; `peer` is what the catalog may call the peer's, nothing when it had no answer."""
        if not peer:
            return Verdict("the peer has no answer") if styx else Verdict("WRONG: neither has an answer", wrong=True)
        offer = self._named(peer)
        if offer is None:
            return self._unsold(peer)
        if styx == offer:
            return Verdict("the same choice")
        standings = why_not(spec, self.catalog, self.clouds, offer)
        fitting = [one for one in standings if not one.failed]
        if not fitting:
            failed = (f"{wish} (has {has})" if has else wish for wish, has in standings[0].failed)
            return Verdict(f"the peer's choice does not meet {'; '.join(failed)}")
        if styx is None:
            return Verdict(f"WRONG: Styx refuses, though {offer} fits", wrong=True)
        return self._dearer(spec, fitting[0], styx)

    def _named(self, names: Sequence[str]) -> str | None:
        """Return the offer that is meant: a machine and GPUs attached to it, or a machine that always has them."""
        if names[0] in self._prices:
            return names[0]
        return next((name for name in names[1:] if name in self._with_gpus), None)

    def _unsold(self, names: Sequence[str]) -> Verdict:
        """Say why a choice is no offer: its machine and its GPUs are sold in that region, but not together."""
        *attached, machine = names
        region = machine.rpartition("/")[0]
        gpus = {name.rpartition("+")[2] for name in attached}
        sold = {name.rpartition("+")[2] for name in self._prices if name.startswith(f"{region}/") and "+" in name}
        if attached and machine in self._prices and gpus <= sold:
            return Verdict("the peer's choice is not sold: that machine is too small for these GPUs, or too large")
        return Verdict(f"WRONG: the peer's choice {names[0]} is no offer of the catalog", wrong=True)

    def _dearer(self, spec: SpecFile, peer: Standing, styx: str) -> Verdict:
        """Compare the totals; where disks or addresses of one have no price, its machines and what those may cost."""
        if peer.doubtful:
            return Verdict(f"the peer's price is doubtful: {'; '.join(peer.doubts)}")
        mine = next(one for one in why_not(spec, self.catalog, self.clouds, styx) if not one.failed)
        other_usd, mine_usd = peer.hourly_usd, mine.hourly_usd
        unknown = other_usd is None or mine_usd is None
        if unknown:
            beside = BESIDE_USD * spec.tasks[0].num_nodes
            other_usd = self._machines(spec, peer.offer, beside) if other_usd is None else other_usd
            mine_usd = self._machines(spec, styx, 0) if mine_usd is None else mine_usd
        if other_usd is None or mine_usd is None:
            return Verdict("the peer's machine has no known price", wrong=mine_usd is None)
        if abs(other_usd - mine_usd) <= 1e-6:
            return Verdict("the same price")
        if mine_usd > other_usd:
            return Verdict(f"DEARER: {mine_usd:.4f}, the peer's costs {other_usd:.4f}", wrong=True)
        return Verdict(f"cheaper by {100 * (1 - mine_usd / other_usd):.0f} %" + (", disks unknown" if unknown else ""))

    def _machines(self, spec: SpecFile, offer: str, beside_usd: float) -> float | None:
        """Return what the machines cost at the catalog's price, and `beside_usd` for what they need beside."""
        task = spec.tasks[0]
        price = self._prices[offer][1 if task.resources.use_spot else 0]
        return None if price is None else price * task.num_nodes + beside_usd
