# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads a description line by line.  A bad line is reported and skipped; the rest is still read."""

import os
import re

from . import paging, parse_streams, sockets, versions
from .diagnostics import did_you_mean
from .parse_methods import TOKEN as STATEMENT_TOKEN
from .parse_methods import MethodsDecl, StatementParser
from .syntax import (CaseDecl, EndpointDecl, EnumDecl, FieldDecl, FileDecl, OperationDecl, RecordDecl, TypeExpr,
                     ValueDecl, Word)
from .versions import Docs

DEFINITIONS = ("module", "enum", "record", "union", "stream", "endpoint", "op", "socket", "methods")
MODULE_LINES = ("depends", "include", "reference", "since", "macros")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|\S')
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
MODULE_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
PART_NAME = re.compile(r"[a-z][a-z0-9-]*\.api\Z")
TAG = re.compile(r"[\w.:/-]+\Z")
DOC_TAG = re.compile(r"@|(returns|return value|since|deprecated|stability|rename to|attributes)\s*:", re.I)


class LineError(Exception):
    def __init__(self, place, message):
        super().__init__(message)
        self.place = place


def without_comment(line):
    """Removes “# …” at the start of the line or after a space, but not inside quotes."""
    quoted = False
    for index, char in enumerate(line):
        if char == '"' and (index == 0 or line[index - 1] != "\\"):
            quoted = not quoted
        elif char == "#" and not quoted and (index == 0 or line[index - 1].isspace()):
            return line[:index]
    return line


class Cursor:
    """The tokens of a line, one after the other."""

    def __init__(self, tokens, end):
        self.tokens = tokens
        self.position = 0
        self.end = end

    def peek(self):
        return self.tokens[self.position] if self.position < len(self.tokens) else self.end

    def next(self):
        token = self.peek()
        self.position += 1
        return token

    def take(self, text):
        if self.peek().text != text:
            return None
        return self.next()

    def expect(self, text, what):
        token = self.next()
        if token.text != text:
            raise LineError(token, f"expected {what}, not {shown(token)}")
        return token

    def expect_match(self, pattern, what):
        token = self.next()
        if not pattern.match(token.text):
            raise LineError(token, f"expected {what}, not {shown(token)}")
        return token

    def expect_end(self):
        token = self.peek()
        if token.text:
            raise LineError(token, f"expected the end of the line, not {shown(token)}")


def shown(token):
    return f"“{token.text}”" if token.text else "the end of the line"


def unquoted(token):
    return re.sub(r"\\(.)", r"\1", token.text[1:-1])


class Parser:
    def __init__(self, path, text, diagnostics):
        self.file = FileDecl(path)
        self.n_lines = 0
        self.text = text
        self.includes = []  # of Word
        self.diagnostics = diagnostics
        self.docs = Docs()  # of Word
        self.block = None

    def error(self, place, message):
        self.diagnostics.error(*self.file.locate(place.line), place.column, message)

    def parse(self):
        self.parse_lines(self.text)
        for word in self.includes:
            self.parse_part(word)
        if self.file.module is None:
            self.error(Word("", 1, 1), "expected “module NAME” before anything else")
        return self.file

    def parse_lines(self, text):
        self.block = None
        for raw in text.splitlines():
            self.n_lines += 1
            try:
                self.parse_line(self.n_lines, raw)
            except LineError as error:
                self.error(error.place, str(error))
        self.drop_docs(Word("", self.n_lines or 1, 1))

    def parse_part(self, word):
        path = os.path.join(os.path.dirname(self.file.path), word.text)
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            self.error(word, f"“{word.text}” cannot be read: {error.strerror if isinstance(error, OSError) else error.reason}")
            return
        self.file.parts.append((self.n_lines, path))
        self.parse_lines(text)

    def parse_line(self, number, raw):
        stripped = raw.strip()
        column = len(raw) - len(raw.lstrip()) + 1
        if stripped.startswith("///"):
            self.add_doc(Word(stripped, number, column))
            return
        line = without_comment(raw).rstrip()
        if not line.strip():
            if not stripped:
                self.drop_docs(Word("", number, 1))
            return
        words = [Word(m.group(), number, m.start() + 1) for m in re.finditer(r"\S+", line)]
        tokens = [Word(m.group(), number, m.start() + 1) for m in TOKEN.finditer(line)]
        end = Word("", number, len(line) + 1)
        if versions.is_statement(words) and (column == 1 or self.block is not self.file):
            versions.parse(Cursor(words, end), self.docs, LineError)
            return
        docs, self.docs = self.docs.with_lines([doc.text for doc in self.docs]), Docs()
        if words[0].text == "op":
            self.parse_operation(Cursor(words, end), docs)
        elif words[0].text == "socket" and (column == 1 or isinstance(self.block, EndpointDecl)):
            sockets.parse(self, Cursor(words, end), docs, NAME, TYPE_NAME, LineError)
        elif column == 1:
            self.parse_definition(Cursor(words, end), docs)
        elif isinstance(self.block, MethodsDecl):
            tokens = [Word(m.group(), number, m.start() + 1) for m in STATEMENT_TOKEN.finditer(line)]
            statement = StatementParser(Cursor(tokens, end), LineError).parse(docs)
            self.block.statements.append(statement)
        else:
            self.parse_member(Cursor(words, end), Cursor(tokens, end), docs)

    def add_doc(self, word):
        text = word.text[3:]
        text = text[1:] if text.startswith(" ") else text
        in_methods = isinstance(self.block, MethodsDecl) and word.column > 1
        if "*/" in text or (DOC_TAG.match(text.strip()) and not in_methods):
            raise LineError(word, "documentation may not hold “*/” nor start a line with “@” or a gtk-doc tag")
        self.docs.append(Word(text, word.line, word.column))

    def drop_docs(self, place):
        if self.docs or self.docs.statement:
            self.error(self.docs[0] if self.docs else self.docs.statement, "no definition follows this documentation")
        self.docs = Docs()

    # Definitions

    def parse_definition(self, cursor, docs):
        self.block = None
        keyword = cursor.next()
        if keyword.text not in DEFINITIONS:
            hint = did_you_mean(keyword.text, DEFINITIONS)
            raise LineError(keyword, f"expected a definition ({', '.join(DEFINITIONS)}), not {shown(keyword)}{hint}")
        getattr(self, f"define_{keyword.text}")(cursor, docs)

    def define_module(self, cursor, docs):
        versions.refuse(docs, LineError)
        self.block = self.file
        name = cursor.expect_match(MODULE_NAME, "the name of the module, in lower case with “-”")
        cursor.expect_end()
        if self.file.module is not None:
            raise LineError(name, "a description has one module only")
        self.file.module = name

    def type_name(self, cursor):
        return cursor.expect_match(TYPE_NAME, "a name in CamelCase")

    def define_enum(self, cursor, docs):
        enum = EnumDecl(self.type_name(cursor), docs)
        self.block = enum
        self.file.enums.append(enum)
        for flag in self.flags(cursor, ("reference=",)):
            enum.reference = flag.text.partition("=")[2]

    def define_record(self, cursor, docs):
        record = RecordDecl(self.type_name(cursor), docs, is_union=False)
        self.block = record
        self.file.records.append(record)
        self.record_flags(cursor, record, ("writable", "of", "reference="))

    def define_union(self, cursor, docs):
        record = RecordDecl(self.type_name(cursor), docs, is_union=True)
        self.block = record
        self.file.records.append(record)
        self.record_flags(cursor, record, ("writable", "by", "reference="))
        if record.tag_member is None:
            raise LineError(record.name, "expected “: by MEMBER”, the member that tells the cases apart")

    def record_flags(self, cursor, record, allowed):
        for flag in self.flags(cursor, allowed):
            if flag.text == "writable":
                record.writable = True
            elif flag.text == "of":
                record.base = cursor.expect_match(TYPE_NAME, "the name of a union")
            elif flag.text == "by":
                record.tag_member = cursor.expect_match(NAME, "the name of the member that tells the cases apart")
            else:
                record.reference = flag.text.partition("=")[2]

    def define_endpoint(self, cursor, docs):
        endpoint = EndpointDecl(self.type_name(cursor), docs)
        self.block = endpoint
        self.file.endpoints.append(endpoint)
        for flag in self.flags(cursor, ("reference=",)):
            endpoint.reference = flag.text.partition("=")[2]

    def define_methods(self, cursor, docs):
        methods = MethodsDecl(self.type_name(cursor))
        cursor.expect_end()
        versions.refuse(docs, LineError)
        if docs:
            raise LineError(methods.target, "documentation stands above the statements, not above “methods”")
        self.block = methods
        self.file.methods.append(methods)

    def define_stream(self, cursor, docs):
        parse_streams.define(self, cursor, docs, LineError)

    def flags(self, cursor, allowed):
        """Reads the flags after “ : ”; a flag that ends in “=” takes a value."""
        if not cursor.peek().text:
            return
        cursor.expect(":", "“:” with a blank on each side, or the end of the line")
        while True:
            flag = cursor.next()
            flag = Word(flag.text.rstrip(","), flag.line, flag.column)
            key = re.match(r"[^=]*=?", flag.text).group()
            if key not in allowed or (key.endswith("=") and key == flag.text):
                names = ", ".join(f"“{name}”" if not name.endswith("=") else f"“{name}…”" for name in allowed)
                raise LineError(flag, f"expected {names}, not {shown(flag)}{did_you_mean(flag.text, allowed)}")
            yield flag
            if not cursor.peek().text:
                return

    # Lines that are indented below a definition

    def parse_member(self, words, tokens, docs):
        if self.block is self.file:
            versions.refuse(docs, LineError)
            self.parse_module_line(words)
        elif isinstance(self.block, EnumDecl):
            self.parse_value(tokens, docs)
        elif isinstance(self.block, RecordDecl):
            if words.peek().text == "case":
                versions.refuse(docs, LineError)
                self.parse_case(words)
            else:
                self.parse_field(tokens, docs)
        elif isinstance(self.block, parse_streams.StreamDecl):
            parse_streams.parse_line(self, words, docs, LineError)
        elif isinstance(self.block, EndpointDecl):
            raise LineError(words.peek(), f"expected “op”, not {shown(words.peek())}")
        elif self.file.module is None and not self.diagnostics.failed:
            raise LineError(words.peek(), "expected “module NAME” at the start of a line")

    def parse_module_line(self, cursor):
        keyword = cursor.next()
        if keyword.text == "depends":
            while cursor.peek().text:
                name = cursor.expect_match(MODULE_NAME, "the name of a module")
                self.file.depends.append(name)
        elif keyword.text == "include":
            while cursor.peek().text:
                self.includes.append(cursor.expect_match(PART_NAME, "a file of this folder, such as part.api"))
        elif keyword.text == "reference":
            self.file.reference = cursor.expect_match(re.compile(r"https://\S+\Z"), "an https address").text
            cursor.expect_end()
        elif keyword.text == "since":
            self.file.since = cursor.expect_match(versions.VERSION, "a version such as 1.2")
            cursor.expect_end()
        elif keyword.text == "macros":
            prefix = cursor.expect_match(re.compile(r"[A-Z][A-Z0-9_]*\Z"), "the prefix of the version macros, in upper case")
            header = cursor.expect_match(re.compile(r'"[\w./-]+\.h"\Z'), "the header that defines the version macros, in double quotes")
            self.file.macros = (prefix.text, unquoted(header))
            cursor.expect_end()
        else:
            hint = did_you_mean(keyword.text, MODULE_LINES)
            raise LineError(keyword, f"expected {', '.join(f'“{name}”' for name in MODULE_LINES)}, not {shown(keyword)}{hint}")

    def parse_value(self, cursor, docs):
        name = cursor.expect_match(re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z"), "the name of a value")
        value = name.text
        if cursor.take("="):
            value = self.string(cursor)
        token = cursor.peek()
        if token.text:
            raise LineError(token, f"expected “= \"…\"” or the end of the line, not {shown(token)}; "
                                   "a value that is no identifier is written NAME = \"value\"")
        self.block.values.append(ValueDecl(name, value, docs))

    def string(self, cursor):
        token = cursor.next()
        if not token.text.startswith('"') or len(token.text) < 2:
            raise LineError(token, f"expected text in double quotes, not {shown(token)}")
        return unquoted(token)

    def parse_case(self, cursor):
        keyword = cursor.next()
        if not self.block.is_union:
            raise LineError(keyword, "only a union has cases")
        tag = cursor.next()
        text = unquoted(tag) if tag.text.startswith('"') and tag.text.endswith('"') else tag.text
        if not TAG.match(text):
            raise LineError(tag, f"expected the value of “{self.tag_name()}”, not {shown(tag)}")
        case = CaseDecl(text, cursor.expect_match(TYPE_NAME, "the record of this case"))
        self.block.cases.append(case)
        for flag in self.flags(cursor, ("untagged=",)):
            case.untagged = Word(flag.text.partition("=")[2], flag.line, flag.column)

    def tag_name(self):
        return self.block.tag_member.text if self.block.tag_member else "the tag"

    def parse_field(self, cursor, docs):
        name = cursor.expect_match(NAME, "the name of a member, in lower case with “_”")
        required = cursor.take("!") is not None
        member = self.string(cursor) if cursor.take("=") else name.text
        types = []
        nullable = False
        while True:
            expression = self.type_expression(cursor)
            nullable = cursor.take("?") is not None or nullable
            if cursor.take("as"):
                expression.alias = cursor.expect_match(NAME, "a name for this alternative, in lower case with “_”")
            self.check_alias(expression, first=not types)
            types.append(expression)
            if not cursor.take("|"):
                break
        others = []
        while cursor.take("or"):
            others.append(cursor.expect_match(NAME, "another name of the member in JSON, in lower case with “_”"))
        reply = cursor.take("reply") is not None
        secret = cursor.take("secret") is not None
        if secret and others:
            raise LineError(others[0], "a secret member has no other name, since members by other names are not redacted")
        if reply and others:
            raise LineError(others[0], "a member of replies has no other name, since members by other names are sent")
        token = cursor.peek()
        if token.text:
            raise LineError(token, f"expected “|”, “?”, “as”, “or”, “reply”, “secret” or the end of the line, not {shown(token)}")
        self.block.fields.append(FieldDecl(name, member, required, nullable, secret, reply, types, docs, others))

    def check_alias(self, expression, first):
        if first and expression.alias is not None:
            raise LineError(expression.alias, "the first alternative goes by the name of the member; "
                                              "for another name write NAME = \"member\"")
        if not first and expression.alias is None:
            raise LineError(expression.name, "each alternative after the first needs a name: TYPE as NAME")

    def type_expression(self, cursor):
        if not cursor.take("["):
            return TypeExpr(self.type_word(cursor), False)
        if cursor.peek().text == "[":
            raise LineError(cursor.peek(), "lists of lists are not members of their own; declare the member as json")
        name = self.type_word(cursor)
        cursor.expect("]", "“]”")
        return TypeExpr(name, True)

    def type_word(self, cursor):
        return cursor.expect_match(re.compile(r"[A-Za-z][A-Za-z0-9]*\Z"), "a type")

    # Operations

    def define_op(self, cursor, docs):
        raise LineError(cursor.peek(), "an operation belongs to an endpoint")

    def parse_operation(self, cursor, docs):
        keyword = cursor.next()
        if not self.file.endpoints:
            raise LineError(keyword, "expected an endpoint above the first operation")
        name = cursor.expect_match(NAME, "the name of the operation, in lower case with “_”")
        method = cursor.next()
        if method.text not in METHODS:
            raise LineError(method, f"expected a method ({', '.join(METHODS)}), not {shown(method)}")
        path = cursor.next()
        if not path.text or path.text in ("->", ":"):
            raise LineError(path, f"expected a path, not {shown(path)}")
        operation = OperationDecl(name, docs, method.text, path)
        self.operation_input(cursor, operation)
        cursor.expect("->", "“->” and the result")
        self.operation_result(cursor, operation)
        self.operation_flags(cursor, operation)
        self.file.endpoints[-1].operations.append(operation)

    def operation_input(self, cursor, operation):
        token = cursor.peek()
        if token.text.startswith("?"):
            cursor.next()
            operation.query = self.checked(Word(token.text[1:], token.line, token.column + 1), "a record of the query")
        operation.multipart = cursor.take("multipart") is not None
        token = cursor.peek()
        if token.text and token.text not in ("->", ":"):
            cursor.next()
            operation.request_nullable = token.text.endswith("?")
            operation.request = self.checked(Word(token.text.rstrip("?"), token.line, token.column),
                                             "a record of the request or “->”")
        elif operation.multipart:
            raise LineError(token, f"expected the record that is sent as multipart, not {shown(token)}")

    def checked(self, word, what):
        if not TYPE_NAME.match(word.text):
            raise LineError(word, f"expected {what}, not {shown(word)}")
        return word

    def operation_result(self, cursor, operation):
        token = cursor.next()
        if token.text in ("bytes", "text", "none"):
            operation.result = token.text
        elif token.text == "list":
            operation.result = "list"
            operation.result_type = cursor.expect_match(TYPE_NAME, "the record of the items of the list")
            paging.parse(cursor, operation, NAME)
        else:
            operation.result_type = self.checked(token, "a record, “list RECORD”, “bytes”, “text” or “none”")
        if cursor.take("stream"):
            operation.chunk = cursor.expect_match(TYPE_NAME, "the record of an event of the stream")
            if cursor.take("as"):
                operation.stream = cursor.expect_match(TYPE_NAME, "the name of the class of the stream")

    def operation_flags(self, cursor, operation):
        for flag in self.flags(cursor, ("deployment", "admin", "or-admin", "keep-paths", "media", "large", "beta=", "beta-only=", "beta-query=", "text=", "format-by=", "items=", "stream-by=",
                                         "check=", "adapt=", "explain=", "method=", "default=", "reference=")):
            key, _, value = flag.text.partition("=")
            if key in ("method", "default", "items"):
                getattr(operation, key if key == "items" else key + "s").append(Word(value, flag.line, flag.column + len(key) + 1))
            elif key in ("text", "format-by", "stream-by", "check", "adapt", "explain", "beta-query"):
                word = Word(value, flag.line, flag.column + len(key) + 1)
                setattr(operation, key.replace("-", "_"), word)
            elif key in ("keep-paths", "media"):
                setattr(operation, key.replace("-", "_"), flag)
            else:
                setattr(operation, key.replace("-", "_"), value or True)


def parse(path, text, diagnostics):
    return Parser(path, text, diagnostics).parse()
