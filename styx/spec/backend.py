"""`styx.backend`: where Terraform keeps its state."""

from typing import Annotated, Any, Self

from pydantic import model_validator

from styx.spec.backend_settings import COMMITTED, KINDS, check
from styx.spec.faults import near_key
from styx.spec.fields import Block, choice, each, shown, wrong


class Backend(Block, extra="allow"):
    """Where Terraform keeps its state; further keys are the backend's own settings, see docs/state.md."""

    type: Annotated[str, choice(*KINDS)]
    """Terraform's name of the backend."""

    @property
    def is_remote(self) -> bool:
        """Whether the state is kept elsewhere than in the rendered folder."""
        return self.type != "local"

    @property
    def settings(self) -> dict[str, Any]:
        """The backend's own settings; a key without a value is as good as absent."""
        return {key: value for key, value in (self.model_extra or {}).items() if value is not None}

    @model_validator(mode="after")
    def _known_settings(self) -> Self:
        missing = [(name, None) for name in KINDS[self.type].required if name not in self.settings]
        each(self._check, [*self.settings.items(), *missing])
        return self

    def _check(self, key: str, value: object) -> None:
        """Refuse one setting, with what to write instead."""
        kind = KINDS[self.type]
        if variable := kind.secrets.get(key):
            hint = f"export {variable} instead, which Terraform reads"
            raise wrong(f"`{key}` is a secret, {COMMITTED}", hint, key)
        if not self.is_remote:
            hint = "the state is terraform/terraform.tfstate of the rendered folder; another backend keeps it elsewhere"
            raise wrong(f"the local backend has no setting `{key}`", hint, key)
        if key not in kind.settings:
            raise wrong(f"{shown(key)} is no setting of {self.type}", near_key(key, list(kind.settings)), key)
        if value is None:
            raise wrong(f"`{key}` is missing", f"the backend {self.type} needs it")
        check(kind.settings[key], value, key)
