# SPDX-License-Identifier: LGPL-2.1-or-later
"""gtk-doc comments, complete enough for g-ir-scanner and gi-docgen."""

from . import names


def comment(symbol, versions, annotations="", parameters=(), body=(), returns=None):
    """One comment block; body is a list of paragraphs (a string or a list of lines)."""
    lines = ["/**", f" * {symbol}:{' ' + annotations if annotations else ''}"]
    for name, text in parameters:
        lines.append(f" * @{name}: {text}")
    deprecated = f"Deprecated in the API: {versions.api_reason}" if versions.api_reason else None
    for paragraph in [*body, deprecated]:
        if not paragraph:
            continue
        lines.append(" *")
        for line in [paragraph] if isinstance(paragraph, str) else paragraph:
            lines.append(f" * {line}".rstrip())
    if returns is not None:
        lines += [" *", f" * Returns: {returns}"]
    lines += [" *", *(f" * {tag}" for tag in versions.tags), " */"]
    return "\n".join(lines) + "\n"


def reference_paragraph(reference):
    return f"[API reference]({reference})" if reference else None


def summary(docs):
    """The first sentence, without its full stop, for use inside another one."""
    text = " ".join(line.strip() for line in docs).strip()
    for end in (". ", ".\n"):
        if end in text:
            text = text[: text.index(end)]
    return text.rstrip(".")


def enum_paragraph(field):
    """A sentence that names the constants for the values of a field."""
    if field.enum is None:
        return None
    prefix = names.snake(field.enum.name).upper()
    links = [f"[const@Oai.{prefix}_{value.name.text.upper()}]" for value in field.enum.values]
    if len(links) > 12:
        links = links[:11] + [f"another constant that begins with `OAI_{prefix}_`"]
    subject = "Each value" if field.type.is_list else "The value"
    return f"{subject} is {names.alternatives(links)}. Servers can support other values."
