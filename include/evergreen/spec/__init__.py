"""A use case as its owner writes it: strict models of `use_case.yaml`, one file per section."""

from evergreen.spec.errors import Problem, SpecError
from evergreen.spec.load import load_all, load_use_case, parse_use_case
from evergreen.spec.use_case import UseCase

__all__ = ["Problem", "SpecError", "UseCase", "load_all", "load_use_case", "parse_use_case"]
