# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads “methods NAME” blocks: further methods of an endpoint or a record, a statement a line."""

import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from .diagnostics import did_you_mean
from .syntax import TypeExpr, Word

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|-?\d+|->|\{\}|\S')
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
VALUE = re.compile(r'"(?:[^"\\]|\\.)*"\Z|-?\d+\Z|[A-Za-z_][A-Za-z0-9_]*\Z|\{\}\Z|\[\Z')
ARGUMENT_DOC = re.compile(r"@([a-z][a-z0-9_]*): *(.*)")
RETURNS_DOC = re.compile(r"Returns: *(.*)")


@dataclass
class Argument:
    name: Word
    nullable: bool
    type: Optional[TypeExpr] = None


@dataclass
class Assignment:
    path: List[Word]
    value: Word
    values: Optional[List[Word]] = None  # of a list
    or_empty: bool = False  # an empty record in place of an argument that is NULL


@dataclass
class Statement:
    verb: str
    name: Word
    docs: List[str]
    argument_docs: Dict[str, str] = field(default_factory=dict)
    returns_doc: Optional[str] = None
    arguments: Optional[List[Argument]] = None
    assignments: List[Assignment] = field(default_factory=list)
    paths: List[List[Word]] = field(default_factory=list)
    operation: Optional[Word] = None
    member: Optional[Word] = None
    values: List[Word] = field(default_factory=list)
    negated: bool = False
    options: Dict[str, list] = field(default_factory=dict)
    result: Optional[TypeExpr] = None
    throws: bool = False
    maker: List[Word] = field(default_factory=list)


@dataclass
class MethodsDecl:
    target: Word
    statements: List[Statement] = field(default_factory=list)


def split_docs(docs):
    """The documentation of arguments (“@NAME: …”) and of the result (“Returns: …”) apart from the rest."""
    body, arguments, returns, current = [], {}, None, None
    for line in docs:
        argument, result = ARGUMENT_DOC.match(line), RETURNS_DOC.match(line)
        if argument:
            current = argument.group(1)
            arguments[current] = argument.group(2)
        elif result:
            current = "Returns"
            returns = result.group(1)
        elif current and line.startswith("  "):
            if current == "Returns":
                returns += " " + line.strip()
            else:
                arguments[current] += " " + line.strip()
        else:
            current = None
            body.append(line)
    while body and not body[-1].strip():
        body.pop()
    return body, arguments, returns


class StatementParser:
    """One statement.  LineError and Cursor are those of the parser."""

    def __init__(self, cursor, line_error):
        self.cursor = cursor
        self.line_error = line_error

    def parse(self, docs):
        verb = self.cursor.next()
        if verb.text not in VERBS:
            raise self.line_error(verb, f"expected a statement ({', '.join(VERBS)}), not “{verb.text}”"
                                        f"{did_you_mean(verb.text, VERBS)}")
        name = self.cursor.expect_match(NAME, "the name of the method, in lower case with “_”")
        body, arguments, returns = split_docs(docs)
        statement = Statement(verb.text, name, docs.with_lines(body), arguments, returns)
        VERBS[verb.text](self, statement)
        self.cursor.expect_end()
        return statement

    # Parts

    def take_arguments(self, statement):
        if not self.cursor.take("("):
            return
        statement.arguments = []
        while not self.cursor.take(")"):
            name = self.cursor.expect_match(NAME, "the name of an argument or “)”")
            argument = Argument(name, self.cursor.take("?") is not None)
            if self.cursor.peek().text not in (",", ")"):
                argument.type = self.type_expression()
                argument.nullable = self.cursor.take("?") is not None or argument.nullable
            statement.arguments.append(argument)
            if self.cursor.peek().text != ")":
                self.cursor.expect(",", "“,” or “)”")

    def type_expression(self):
        is_list = self.cursor.take("[") is not None
        name = self.cursor.expect_match(TYPE, "a type")
        if is_list:
            self.cursor.expect("]", "“]”")
        return TypeExpr(name, is_list)

    def path(self, what):
        words = [self.cursor.expect_match(NAME, what)]
        while True:
            if self.cursor.take("["):
                words.append(self.cursor.expect_match(NAME, "the member that numbers the items"))
                words[-1] = Word(f"[{words[-1].text}]", words[-1].line, words[-1].column)
                self.cursor.expect("]", "“]”")
            elif self.cursor.take("."):
                words.append(self.cursor.expect_match(NAME, "a member"))
            else:
                return words

    def value(self):
        return self.cursor.expect_match(VALUE, "an argument, text in double quotes, a number, true, false or {}")

    def take_assignments(self, statement):
        if not self.cursor.take(":"):
            return
        while True:
            path = self.path("a member")
            self.cursor.expect("=", "“=” and a value")
            assignment = Assignment(path, self.value())
            if assignment.value.text == "[":
                assignment.values = [self.value()]
                while self.cursor.take(","):
                    assignment.values.append(self.value())
                self.cursor.expect("]", "“]”")
            if self.cursor.take("or"):
                self.cursor.expect("{}", "“{}”")
                assignment.or_empty = True
            statement.assignments.append(assignment)
            if not self.cursor.take(","):
                return

    def value_list(self):
        values = [self.value()]
        while self.cursor.take(","):
            values.append(self.value())
        return values

    def take_states(self, statement):
        statement.member = self.cursor.expect_match(NAME, "the member that holds the state")
        self.cursor.expect("=", "“=” and values")
        statement.values = self.value_list()

    def take_options(self, statement, known):
        if not self.cursor.take(":"):
            return
        while self.cursor.peek().text:
            key = self.cursor.next()
            if key.text not in known:
                raise self.line_error(key, f"expected {', '.join(f'“{name}=…”' for name in known)}, not “{key.text}”"
                                           f"{did_you_mean(key.text, known)}")
            self.cursor.expect("=", "“=” and a value")
            statement.options[key.text] = self.value_list()

    def take_operation(self, statement):
        statement.operation = self.cursor.expect_match(NAME, "the name of an operation")

    # Statements

    def make(self, statement):
        self.take_arguments(statement)
        self.take_assignments(statement)

    def append(self, statement):
        self.cursor.expect(":", "“:” and the member")
        statement.member = self.cursor.expect_match(NAME, "the list that is appended to, or a method")
        self.cursor.expect("by", "“by” and the constructor of what is appended")
        maker = self.cursor.expect_match(TYPE, "a record")
        self.cursor.expect(".", "“.” and a constructor")
        statement.maker = [maker, self.cursor.expect_match(NAME, "a constructor of the record")]

    def read(self, statement):
        self.cursor.expect(":", "“:” and members")
        statement.paths.append(self.path("a member"))
        while self.cursor.take("|"):
            statement.paths.append(self.path("a member"))

    def test(self, statement):
        self.cursor.expect(":", "“:” and a member")
        statement.negated = self.cursor.take("not") is not None
        self.take_states(statement)

    def function(self, statement):
        self.take_arguments(statement)
        if self.cursor.take("->"):
            statement.result = self.type_expression()
        statement.throws = self.cursor.take("throws") is not None

    def task(self, statement):
        self.take_arguments(statement)
        self.cursor.expect("->", "“->” and the result")
        statement.result = self.type_expression()

    def wait(self, statement):
        self.take_operation(statement)
        self.cursor.expect("until", "“until” and the final states")
        self.take_states(statement)
        self.take_options(statement, ("pending", "interval", "timeout"))

    def call(self, statement):
        self.take_operation(statement)
        self.make(statement)


VERBS = {
    "make": StatementParser.make,
    "change": StatementParser.make,
    "append": StatementParser.append,
    "read": StatementParser.read,
    "test": StatementParser.test,
    "function": StatementParser.function,
    "static": StatementParser.function,
    "task": StatementParser.task,
    "wait": StatementParser.wait,
    "call": StatementParser.call,
    "save": StatementParser.take_operation,
    "upload": StatementParser.take_operation,
}
