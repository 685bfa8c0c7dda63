"""Take rows from sources into batches, and batches into a source's state."""

from .errors import SchemaChanged, SourceRefused, UnreadableFile
from .extract import extract
from .online import check_online
from .state import Appended, append

__all__ = ["Appended", "SchemaChanged", "SourceRefused", "UnreadableFile", "append", "check_online", "extract"]
