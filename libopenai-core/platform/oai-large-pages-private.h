/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Large pages of memory, on systems that have them. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Advises the system to use large pages for a block that will be filled from front to back.
 * Allocating small pages takes much of the time of a reply of many megabytes. */
void oai_large_pages_advise (gpointer data, gsize size);

G_END_DECLS
