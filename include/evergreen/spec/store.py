"""A use case as the ledger keeps it: what its owner wrote, parsed, under a fingerprint of all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evergreen.errors import PermanentError
from evergreen.spec.use_case import UseCase


def dump_use_case(use_case: UseCase) -> tuple[str, dict[str, Any]]:
    """The fingerprint and the JSON body. Defaults are left out, so a body outlives a change of the library."""
    body = use_case.model_dump(mode="json", exclude_unset=True)
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32], body


def read_use_case(body: Mapping[str, Any], folder: Path) -> UseCase:
    """The use case of a body. Raises PermanentError where an older library's body means nothing to this one."""
    try:
        return UseCase.model_validate(body)
    except ValidationError:
        raise PermanentError(
            f"This run began with a use case that this version of Evergreen can't read. Look at `{folder.name}` with "
            f"`evergreen check {folder.name}`, then run it again from its first step on."
        ) from None
