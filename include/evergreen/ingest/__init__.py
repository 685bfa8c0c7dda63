"""Take rows from sources into batches, and batches into a source's state."""

from evergreen.ingest.errors import SchemaChanged, SourceRefused, UnreadableFile
from evergreen.ingest.extract import extract
from evergreen.ingest.online import check_online
from evergreen.ingest.state import Appended, append

__all__ = ["Appended", "SchemaChanged", "SourceRefused", "UnreadableFile", "append", "check_online", "extract"]
