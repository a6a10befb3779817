# SPDX-License-Identifier: LGPL-2.1-or-later
"""How lists are paged: “list RECORD by PARAMETER from MEMBER” and the flag “items=MEMBER”."""

from dataclasses import dataclass, field
from typing import List, Optional

from . import names
from .diagnostics import did_you_mean

ITEMS = "data"
MORE = "has_more"
# Lists by this parameter start after an item that the program may name itself: by its
# identifier, which the reply repeats.
AFTER = "after"
AFTER_NEXT, AFTER_ITEM, AFTER_LAST = "next", "id", "last_id"


@dataclass
class Paging:
    items: List[str] = field(default_factory=list)
    parameter: Optional[str] = None
    next_member: Optional[str] = None
    item_member: Optional[str] = None
    last_member: Optional[str] = None


def parse(cursor, operation, name):
    """Reads the text after the record of the items: by PARAMETER from MEMBER, both optional."""
    if cursor.take("by"):
        operation.page_parameter = cursor.expect_match(name, "the member of the query that selects the page")
        if cursor.take("from"):
            operation.next_member = cursor.expect_match(name, "the member of the reply that names the next page")


def resolve(resolver, decl, query):
    """The paging of a list, or None for other operations."""
    if decl.result != "list":
        for word in decl.items:
            resolver.error(word, "only a list has items")
        return None
    paging = Paging([ITEMS] + [word.text for word in decl.items if word.text != ITEMS])
    parameter = decl.page_parameter
    if parameter is None:
        return paging
    members = [f.member for f in query.fields if f.kind == "STRING"] if query is not None else []
    if parameter.text not in members:
        resolver.error(parameter, "expected a member of the query that is text, not "
                                  f"“{parameter.text}”{did_you_mean(parameter.text, members)}")
    paging.parameter = parameter.text
    paging.next_member = decl.next_member.text if decl.next_member else f"next_{parameter.text}"
    if parameter.text == AFTER and decl.next_member is None:
        paging.next_member, paging.item_member, paging.last_member = AFTER_NEXT, AFTER_ITEM, AFTER_LAST
    return paging


def emit(paging):
    """A pointer to a static table."""
    items = ", ".join(names.c_string(name) for name in paging.items)
    members = [".size = sizeof (OaiPaging)", f".items = (const char *const []) {{ {items}, NULL }}"]
    if paging.parameter is not None:
        members.append(f".more_member = {names.c_string(MORE)}")
    for member in ("parameter", "next_member", "item_member", "last_member"):
        value = getattr(paging, member)
        if value is not None:
            members.append(f".{member} = {names.c_string(value)}")
    return "&(const OaiPaging) {\n      " + ",\n      ".join(members) + "\n    }"
