/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-trace-private.h"

#ifdef HAVE_SYSPROF

#include <sysprof-capture.h>

#include "oai-call-private.h"

#define GROUP "Oai"
#define NS_PER_USEC 1000

void
oai_trace_head (OaiCall *call)
{
  gint64 started = oai_call_get_attempt_started (call);

  if (!sysprof_collector_is_active ())
    return;

  sysprof_collector_mark_printf (started * NS_PER_USEC, (g_get_monotonic_time () - started) * NS_PER_USEC, GROUP, "head", "%s: attempt %u, status %u",
                                 oai_call_get_operation (call), oai_call_get_n_attempts (call), oai_call_get_status_code (call));
}

void
oai_trace_retry (OaiCall *call, double delay)
{
  if (!sysprof_collector_is_active ())
    return;

  sysprof_collector_mark_printf (g_get_monotonic_time () * NS_PER_USEC, (gint64) (delay * G_USEC_PER_SEC) * NS_PER_USEC, GROUP, "retry", "%s: attempt %u, status %u",
                                 oai_call_get_operation (call), oai_call_get_n_attempts (call), oai_call_get_status_code (call));
}

void
oai_trace_end (OaiCall *call, const GError *error)
{
  gint64 started = oai_call_get_started (call);

  if (!sysprof_collector_is_active ())
    return;

  sysprof_collector_mark_printf (started * NS_PER_USEC, (g_get_monotonic_time () - started) * NS_PER_USEC, GROUP, "call", "%s: %s, status %u, attempts %u",
                                 oai_call_get_operation (call), error != NULL ? "failed" : "done", oai_call_get_status_code (call), oai_call_get_n_attempts (call));
}

#else

void
oai_trace_head (OaiCall *call)
{
}

void
oai_trace_retry (OaiCall *call, double delay)
{
}

void
oai_trace_end (OaiCall *call, const GError *error)
{
}

#endif
