/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where what the identities used is counted: in memory, or on a server that several processes share. */

#pragma once

#include <gio/gio.h>
#include <math.h>

G_BEGIN_DECLS

/* The order is part of the protocol of the script in backends/redis. */
typedef enum
{
  OAI_LIMIT_REQUESTS_PER_MINUTE,
  OAI_LIMIT_REQUESTS_PER_DAY,
  OAI_LIMIT_TOKENS_PER_MINUTE,
  OAI_LIMIT_TOKENS_PER_DAY,
  OAI_LIMIT_COST_PER_DAY,
  OAI_LIMIT_COST_PER_MONTH,
  OAI_N_LIMITS,
  OAI_LIMIT_STREAMS = OAI_N_LIMITS
} OaiLimitKind;

/* Costs are counted in units of 1e-9 US dollars. */
#define OAI_LIMIT_COST_UNITS 1e9

typedef struct
{
  gint64 limits[OAI_N_LIMITS]; /* 0: no limit */
  guint max_streams;           /* 0: no limit */
  guint mask;                  /* the kinds that have a limit, as bits */
} OaiLimitSet;

typedef struct
{
  gint64 requests;
  gint64 tokens;
  gint64 cost;
} OaiLimitAmounts;

/* The result of an admission. */
typedef struct
{
  gboolean admitted;
  OaiLimitKind refused_by;    /* if it is not admitted: the limit with the longest time to wait */
  gint64 wait_ms;             /* until it can be admitted; -1 if that is not known */
  gint64 used[OAI_N_LIMITS];  /* of the kinds that have a limit */
  gint64 reset_ms[OAI_N_LIMITS]; /* until used is 0, without further requests */
} OaiLimitState;

typedef struct _OaiCounterStore OaiCounterStore;
typedef struct _OaiCounterCall OaiCounterCall;
/* A stream that counts for the limit of streams. */
typedef struct _OaiCounterSlot OaiCounterSlot;

/* state: NULL if the store is not available, and error says why.  slot: owned by the caller; NULL unless it
 * was requested and the request is admitted. */
typedef void (*OaiCounterFunc) (const OaiLimitState *state, OaiCounterSlot *slot, const GError *error, gpointer user_data);

/* Of a store that is not in memory.  The functions are called in the main context in which it was created. */
typedef struct
{
  void (*free) (OaiCounterStore *self);
  /* Counts a request if no limit is exhausted.  May call func before it returns, and returns NULL then. */
  OaiCounterCall *(*admit) (OaiCounterStore *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiCounterFunc func, gpointer user_data);
  /* func is not called; a slot that is obtained nevertheless is released. */
  void (*cancel) (OaiCounterStore *self, OaiCounterCall *call);
  /* Counts now, or when the server is available again. */
  void (*count) (OaiCounterStore *self, const char *identity, guint mask, const OaiLimitAmounts *amounts);
  void (*release) (OaiCounterStore *self, OaiCounterSlot *slot);
} OaiCounterStoreFuncs;

struct _OaiCounterStore
{
  const OaiCounterStoreFuncs *funcs;
};

/* cost: US dollars. */
static inline gint64
oai_limit_get_cost_units (double cost)
{
  if (!(cost > 0))
    return 0;

  return MIN (ceil (cost * OAI_LIMIT_COST_UNITS), (double) (G_GINT64_CONSTANT (1) << 53));
}

/* What is added to the counter of a kind. */
static inline gint64
oai_limit_amounts_get (const OaiLimitAmounts *self, OaiLimitKind kind)
{
  if (kind <= OAI_LIMIT_REQUESTS_PER_DAY)
    return self->requests;

  return kind <= OAI_LIMIT_TOKENS_PER_DAY ? self->tokens : self->cost;
}

G_END_DECLS
