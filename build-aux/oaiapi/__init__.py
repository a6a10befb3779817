# SPDX-License-Identifier: LGPL-2.1-or-later
"""The compiler of API descriptions: parser, model, and code generation."""
