"""XML files: the root's children are the records, a record's attributes and child elements its columns.

    <homes>
      <home pid="526301100"> <lot_area>31770</lot_area> <alley/> </home>
    </homes>

An element without text is missing, as an empty field of a CSV is; all values are text that waits for a type. What is
repeated or nested is kept as JSON text. Prefixes of namespaces are left out of names. The parser hands out an element
at a time: there is no tree of the whole file.

A file with a DOCTYPE is refused: entities and default attributes declared there can blow a small file up beyond any
memory ("billion laughs"), and can name files of this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn
from xml.parsers import expat

from evergreen.ingest.parsed import Broken, Parsed, Unreadable
from evergreen.ingest.records import Columns

_DEEPEST = 50
_IGNORED = ("xmlns:", "xml:", "xsi:")


def parse_xml(content: bytes) -> Parsed:
    """The records of an XML file, each with the line it begins in; text everywhere. Raises Unreadable."""
    if not content.strip():
        return Parsed(Columns().frame(), [], untyped=True)
    reader = _Reader()
    try:
        # All at once: fed in pieces, Expat before 2.6 needs quadratic time for a long token.
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        where = f"line {error.lineno}" + (f", in record {reader.number}" if reader.number else "")
        raise Unreadable(f"is not well-formed XML, or cut off, at {where} ({expat.ErrorString(error.code)})") from None
    return Parsed(reader.columns.frame(), reader.lines, reader.broken, untyped=True)


class _Element:
    """An element that is still open."""

    __slots__ = ("fields", "text")

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.text = ""


class _Reader:
    """Collects records as Expat calls its handlers. The stack holds the root, a record, and what is open in it."""

    def __init__(self) -> None:
        self.columns, self.lines, self.number = Columns(), list[int](), 0
        self.broken: Broken = []
        self._stack: list[_Element] = []
        self._line = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.EntityDeclHandler = _refuse_doctype

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) == _DEEPEST:
            raise Unreadable(f"is nested deeper than {_DEEPEST} elements in record {self.number}")
        if len(self._stack) == 1:
            self.number += 1
            self._line = self.parser.CurrentLineNumber
        self._stack.append(_Element(_attributes(attributes)))

    def _characters(self, text: str) -> None:
        self._stack[-1].text += text

    def _end(self, name: str) -> None:
        element, depth = self._stack.pop(), len(self._stack)
        if depth == 0:
            if element.text.strip():
                self.broken.append((self.parser.CurrentLineNumber, "has text between its records"))
        elif depth == 1:
            self._record(element)
        else:
            value = self._value(element)
            fields, key = self._stack[-1].fields, _local(name)
            if key not in fields:
                fields[key] = value
            elif isinstance(fields[key], _Repeated):
                fields[key].append(value)
            else:
                fields[key] = _Repeated((fields[key], value))

    def _record(self, element: _Element) -> None:
        wrong = ""
        if element.text.strip():
            wrong = "has text between its fields" if element.fields else "is text, and has no fields"
        elif not element.fields:
            wrong = "has no fields"
        if wrong:
            self.broken.append((self._line, wrong))
        else:
            self.columns.add(element.fields)
            self.lines.append(self._line)

    def _value(self, element: _Element) -> Any:
        """A leaf's text (None where empty); else its fields, with the text beside them under `text`."""
        if not element.fields:
            return element.text or None
        if element.text.strip():
            element.fields.setdefault("text", element.text)
        return element.fields


class _Repeated(list[Any]):
    """The values of a field that appears more than once."""


def _attributes(found: Mapping[str, str]) -> dict[str, Any]:
    return {
        _local(name): value or None
        for name, value in found.items()
        if name != "xmlns" and not name.startswith(_IGNORED)
    }


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> NoReturn:
    raise Unreadable("has a DOCTYPE, which is refused since it can declare entities; write it without")
