"""The seal of a plan: what was shown is what is applied, or nothing is."""

from dataclasses import dataclass
from pathlib import Path

from styx import files
from styx.errors import IntegrityError
from styx.workdir import Workdir

_HINT = "run the command again: it makes a new plan and shows it"


@dataclass(frozen=True, slots=True)
class Seal:
    """Digests of a saved plan and of what it was made from, held in memory: nobody else can renew them."""

    plan: str
    rendering: str
    spec: str
    """Empty for a plan of a rendered folder."""

    @staticmethod
    def of(plan: Path, workdir: Workdir, spec_file: str) -> "Seal":
        """Return the seal of a saved plan as it is now."""
        return Seal(
            _digest(plan), files.sha256(repr(sorted(workdir.terraform_files().items()))), _digest(Path(spec_file))
        )

    def check(self, plan: Path, workdir: Workdir, spec_file: str) -> None:
        """Raise IntegrityError when the plan, its folder or its spec is no longer what was shown."""
        now = Seal.of(plan, workdir, spec_file)
        changed = {
            f"the plan {plan}": self.plan != now.plan,
            f"{workdir.terraform}": self.rendering != now.rendering,
            spec_file: self.spec != now.spec,
        }
        if names := [name for name, is_changed in changed.items() if is_changed]:
            raise IntegrityError(f"changed after the plan was shown, so nothing was run: {', '.join(names)}", _HINT)


def _digest(path: Path) -> str:
    return files.sha256(path.read_bytes()) if path.is_file() else ""
