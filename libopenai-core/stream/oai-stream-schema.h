/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables that the API compiler makes of "stream" statements: which signals a stream has, and what
 * each event changes in the reply.  For module authors; programs do not need it, and it is not
 * introspected. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

typedef struct _OaiStreamHooks OaiStreamHooks;
struct _OaiJsonDoc;

typedef enum
{
  OAI_STREAM_ARGUMENT_STRING, /* const char * */
  OAI_STREAM_ARGUMENT_INDEX,  /* guint */
  OAI_STREAM_ARGUMENT_BYTES,  /* GBytes *, of Base64 text or of a data URL */
  OAI_STREAM_ARGUMENT_JSON,   /* const char *: any JSON, as text */
  OAI_STREAM_ARGUMENT_RECORD  /* OaiRecord * of record_type */
} OaiStreamArgumentType;

typedef struct
{
  guint32 type;                 /* OaiStreamArgumentType */
  GType (*record_type) (void);  /* of a record, or NULL */
} OaiStreamArgument;

#define OAI_STREAM_MAX_ARGUMENTS 6

typedef enum
{
  OAI_STREAM_SIGNAL_NONE = 0,
  OAI_STREAM_SIGNAL_COALESCED = 1 << 0 /* its text is buffered for OaiStream:coalesce-interval */
} OaiStreamSignalFlags;

typedef struct
{
  const char *name;
  guint32 flags;                /* OaiStreamSignalFlags */
  guint32 n_arguments;
  const OaiStreamArgument *arguments;
} OaiStreamSignal;

typedef enum
{
  OAI_STREAM_PUT,    /* source replaces target; null and empty lists change nothing */
  OAI_STREAM_FOLD,   /* source is added to target: texts are joined, lists extended, objects merged */
  OAI_STREAM_RESULT, /* source replaces the result */
  OAI_STREAM_EACH,   /* the next n_rules rules hold for each element of source and the one of target */
  OAI_STREAM_EMIT,   /* emits a signal, if the verb before it had a source */
  OAI_STREAM_CALL    /* calls a function of the module */
} OaiStreamVerb;

typedef enum
{
  OAI_STREAM_RULE_NONE = 0,
  OAI_STREAM_RULE_ONCE = 1 << 0 /* of EMIT: only if the target had no value before */
} OaiStreamRuleFlags;

/* name: of the event, or NULL. */
typedef gboolean (*OaiStreamFunction) (struct _OaiStream *self, const char *name, struct _OaiJsonDoc *doc, guint32 event, GError **error);

/* Paths: members, separated by dots.  After a member that is a list stands "[member]", the
 * element that has the same value in that member as the event; "[#member]", the element at the
 * position that the event has in that member; "[]", a new element, or all of them; "[-1]", the
 * last one. */
typedef struct
{
  guint32 verb;                 /* OaiStreamVerb */
  guint32 flags;                /* OaiStreamRuleFlags */
  guint32 number;               /* of EACH: how many rules; of EMIT: which signal */
  const char *source;           /* path in the event; "." all of it; "*" its other members; "{a,b}" some of them */
  const char *target;           /* path in the reply; NULL for all of it */
  const char *const *values;    /* of EMIT, for each argument: a path in the event; "." the source, "=" the target, "=path" in the reply */
  OaiStreamFunction function;   /* of CALL */
} OaiStreamRule;

typedef enum
{
  OAI_STREAM_EVENT_NONE = 0,
  OAI_STREAM_EVENT_END = 1 << 0 /* the reply is complete after it */
} OaiStreamEventFlags;

typedef struct
{
  const char *name;             /* "*" at its beginning or end stands for any text; NULL for events of other names, or without */
  guint32 flags;                /* OaiStreamEventFlags */
  guint32 n_rules;
  const OaiStreamRule *rules;
} OaiStreamEvent;

typedef enum
{
  OAI_STREAM_NONE = 0,
  OAI_STREAM_END_REQUIRED = 1 << 0 /* without an event that completes the reply, the end marker is not enough */
} OaiStreamFlags;

/* The sizes are those of the structures above, so that they can grow. */
typedef struct _OaiStreamSchema
{
  guint32 size;
  guint32 signal_size;
  guint32 argument_size;
  guint32 event_size;
  guint32 rule_size;
  guint32 n_signals;
  guint32 n_events;
  guint32 flags;                /* OaiStreamFlags */
  const OaiStreamSignal *signals;
  const OaiStreamEvent *events;
  const char *tag;              /* member that names an event; NULL for the name that SSE gives it */
  GType (*result_type) (void);
  const char *result;           /* path of the result in the reply, or NULL for all of it */
  const char *initial;          /* JSON of the reply before the first event, or NULL for no result then */
  const char *chunk;            /* path of an object that chunks have and a whole reply has not, or NULL */
  const char *whole;            /* path of an object that a whole reply has, whatever else it has, or NULL */
  const char *finished;         /* path of the members that all have text when the reply is complete, or NULL */
  const OaiStreamHooks *hooks;  /* functions of a module of this project, or NULL */
} OaiStreamSchema;

#define OAI_STREAM_SCHEMA_SIZES \
  .size = sizeof (OaiStreamSchema), .signal_size = sizeof (OaiStreamSignal), .argument_size = sizeof (OaiStreamArgument), \
  .event_size = sizeof (OaiStreamEvent), .rule_size = sizeof (OaiStreamRule)

/* For the functions of a stream class. */

OAI_AVAILABLE_IN_1_0
gpointer oai_stream_get_state (OaiStream *self);
/* Whether the reply is complete as the schema says. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_is_complete (OaiStream *self);
/* Whether an event has arrived. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_has_begun (OaiStream *self);
/* A record with the client and the call of the stream. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_new_record (OaiStream *self, GType type, const char *json);
/* Whether the program pulls chunks one by one. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_is_pulled (OaiStream *self);
/* The JSON that was, or will be, sent; NULL when it is no JSON. */
OAI_AVAILABLE_IN_1_0
GBytes *oai_stream_get_request_body (OaiStream *self);
/* signal: the number of a signal in the schema. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_wants (OaiStream *self, guint signal);
/* A text and an index; buffered if the schema says so. */
OAI_AVAILABLE_IN_1_0
void oai_stream_emit_text (OaiStream *self, guint signal, const char *text, gsize length, guint index);
/* Any signal with its arguments. */
OAI_AVAILABLE_IN_1_0
void oai_stream_emit (OaiStream *self, guint signal, ...);

G_END_DECLS
