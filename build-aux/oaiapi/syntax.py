# SPDX-License-Identifier: LGPL-2.1-or-later
"""The result of the parser: plain data with file positions, and unresolved names."""

from dataclasses import dataclass, field
from typing import List, Optional


@dataclass(frozen=True)
class Word:
    text: str
    line: int
    column: int


@dataclass
class TypeExpr:
    name: Word
    is_list: bool
    alias: Optional[Word] = None


@dataclass
class FieldDecl:
    name: Word
    member: str
    required: bool
    nullable: bool
    secret: bool
    reply: bool
    types: List[TypeExpr]
    docs: List[str]
    others: List[Word]  # names in JSON that servers send instead


@dataclass
class ValueDecl:
    name: Word
    value: str
    docs: List[str]


@dataclass
class CaseDecl:
    tag: str
    type: Word
    untagged: Optional[Word] = None  # the member that selects the case if there is no tag


@dataclass
class EnumDecl:
    name: Word
    docs: List[str]
    reference: Optional[str] = None
    values: List[ValueDecl] = field(default_factory=list)


@dataclass
class RecordDecl:
    name: Word
    docs: List[str]
    is_union: bool
    writable: bool = False
    base: Optional[Word] = None
    tag_member: Optional[Word] = None
    reference: Optional[str] = None
    fields: List[FieldDecl] = field(default_factory=list)
    cases: List[CaseDecl] = field(default_factory=list)


@dataclass
class OperationDecl:
    name: Word
    docs: List[str]
    method: str
    path: Word
    query: Optional[Word] = None
    request: Optional[Word] = None
    request_nullable: bool = False
    multipart: bool = False
    result: str = "record"
    result_type: Optional[Word] = None
    chunk: Optional[Word] = None
    stream: Optional[Word] = None
    deployment: bool = False
    admin: bool = False
    or_admin: bool = False
    keep_paths: Optional[Word] = None
    media: Optional[Word] = None
    large: bool = False
    beta: Optional[str] = None
    beta_only: Optional[str] = None
    beta_query: Optional[Word] = None
    text: Optional[Word] = None
    format_by: Optional[Word] = None
    page_parameter: Optional[Word] = None
    next_member: Optional[Word] = None
    items: List[Word] = field(default_factory=list)
    stream_by: Optional[Word] = None
    check: Optional[Word] = None
    adapt: Optional[Word] = None
    explain: Optional[Word] = None
    methods: List[Word] = field(default_factory=list)
    defaults: List[Word] = field(default_factory=list)
    reference: Optional[str] = None


@dataclass
class SocketDecl:
    name: Word
    docs: List[str]
    path: Word
    query: Optional[Word] = None
    client: Optional[Word] = None
    server: Optional[Word] = None
    class_name: Optional[Word] = None
    beta: Optional[str] = None
    reference: Optional[str] = None


@dataclass
class EndpointDecl:
    name: Word
    docs: List[str]
    reference: Optional[str] = None
    operations: List[OperationDecl] = field(default_factory=list)
    sockets: List[SocketDecl] = field(default_factory=list)


@dataclass
class FileDecl:
    path: str
    parts: List[tuple] = field(default_factory=list)  # (number of the lines before it, path) of each included file
    module: Optional[Word] = None
    depends: List[Word] = field(default_factory=list)
    reference: Optional[str] = None
    since: Optional[Word] = None  # the first release of the module
    macros: Optional[tuple] = None  # prefix of the version macros, and the header that defines them
    enums: List[EnumDecl] = field(default_factory=list)
    records: List[RecordDecl] = field(default_factory=list)
    streams: list = field(default_factory=list)  # of StreamDecl
    endpoints: List[EndpointDecl] = field(default_factory=list)
    methods: list = field(default_factory=list)  # MethodsDecl

    @property
    def paths(self):
        return [self.path, *(path for _lines, path in self.parts)]

    def locate(self, line):
        """The file and its line, for the number of a line among those of all files."""
        before, path = next(((before, path) for before, path in reversed(self.parts) if before < line), (0, self.path))
        return path, line - before
