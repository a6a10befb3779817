/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values that the steps of one row of the table share. */

#pragma once

#include "scope.h"

#include <oai-mock.h>

struct _Scope
{
  OaiMockServer *mock;
  const ScopeRow *row;
  GPtrArray *owned;
  GHashTable *made;
  guint n_requests;
};

/* Ends the back end that scope_proxy_url() has started. */
void scope_stop_proxy (void);
