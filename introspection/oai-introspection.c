/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The library that the typelib names.  It has no code: the dynamic linker finds all symbols of core
 * and of the modules through its auxiliary libraries.  Those that are not installed are ignored. */

/* A source file must declare something. */
extern int oai_introspection_has_no_symbols;
