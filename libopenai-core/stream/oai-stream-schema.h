/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables that the API compiler creates from "stream" statements.  They describe the signals of a
 * stream, and how each event changes the reply.  For module authors; not introspected. */

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
/* Of a signal with a text. */
#define OAI_STREAM_MAX_INDEXES 4

typedef enum
{
  OAI_STREAM_SIGNAL_NONE = 0,
  OAI_STREAM_SIGNAL_COALESCED = 1 << 0, /* the text is buffered for OaiStream:coalesce-interval-ms */
  OAI_STREAM_SIGNAL_DEPRECATED = 1 << 1
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
  OAI_STREAM_EACH,   /* the next n_rules rules are applied to each element of source and the same element of target */
  OAI_STREAM_EMIT,   /* emits a signal if the source of the previous verb exists */
  OAI_STREAM_CALL    /* calls a function of the module */
} OaiStreamVerb;

typedef enum
{
  OAI_STREAM_RULE_NONE = 0,
  OAI_STREAM_RULE_ONCE = 1 << 0 /* of EMIT: only if the target had no value before */
} OaiStreamRuleFlags;

/* name: the name of the event, or NULL. */
typedef gboolean (*OaiStreamFunction) (struct _OaiStream *self, const char *name, struct _OaiJsonDoc *doc, guint32 event, GError **error);

/* A path consists of names of members, separated by dots.  A name of a list is followed by
 * "[member]" for the element that has the same value in member as the event, by "[#member]" for the
 * element whose position is the value of member in the event, by "[]" for a new element or for all
 * elements, or by "[-1]" for the last one. */
typedef struct
{
  guint32 verb;                 /* OaiStreamVerb */
  guint32 flags;                /* OaiStreamRuleFlags */
  guint32 number;               /* EACH: number of rules; EMIT: number of the signal */
  const char *source;           /* path in the event; ".": all of it; "*": its other members; "{a,b}": these members */
  const char *target;           /* path in the reply; NULL for all of it */
  const char *const *values;    /* EMIT: for each argument a path in the event; ".": the source; "=": the target; "=path": a path in the reply */
  OaiStreamFunction function;   /* CALL */
} OaiStreamRule;

typedef enum
{
  OAI_STREAM_EVENT_NONE = 0,
  OAI_STREAM_EVENT_END = 1 << 0 /* the reply is complete after it */
} OaiStreamEventFlags;

typedef struct
{
  const char *name;             /* "*" at the beginning or end matches any text; NULL for all other events */
  guint32 flags;                /* OaiStreamEventFlags */
  guint32 n_rules;
  const OaiStreamRule *rules;
} OaiStreamEvent;

typedef enum
{
  OAI_STREAM_NONE = 0,
  OAI_STREAM_END_REQUIRED = 1 << 0 /* the end marker does not complete the reply; an event must */
} OaiStreamFlags;

/* Contains the sizes of the structures above, so that they can grow. */
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
  const char *tag;              /* member that contains the name of an event; NULL for the name of the server-sent event */
  GType (*result_type) (void);
  const char *result;           /* path of the result in the reply, or NULL for all of it */
  const char *initial;          /* JSON of the reply before the first event; NULL: no result before it */
  const char *chunk;            /* path of an object that only chunks have, or NULL */
  const char *whole;            /* path of an object that only a whole reply has, or NULL; takes precedence over chunk */
  const char *finished;         /* path of members that all contain text if the reply is complete, or NULL */
  const OaiStreamHooks *hooks;  /* functions of a module of this project, or NULL */
} OaiStreamSchema;

#define OAI_STREAM_SCHEMA_SIZES \
  .size = sizeof (OaiStreamSchema), .signal_size = sizeof (OaiStreamSignal), .argument_size = sizeof (OaiStreamArgument), \
  .event_size = sizeof (OaiStreamEvent), .rule_size = sizeof (OaiStreamRule)

/* For the functions of a stream class. */

OAI_AVAILABLE_IN_1_0
gpointer oai_stream_get_state (OaiStream *self);
/* Returns whether the reply is complete according to the schema. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_is_complete (OaiStream *self);
/* Returns whether an event has arrived. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_has_begun (OaiStream *self);
/* Creates a record with the client and the call of the stream.  Takes json. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_new_record (OaiStream *self, GType type, char *json);
/* Returns whether the program reads chunks with oai_stream_next(). */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_is_pulled (OaiStream *self);
/* Returns the body of the request; NULL if it is not JSON. */
OAI_AVAILABLE_IN_1_0
GBytes *oai_stream_get_request_body (OaiStream *self);
/* Returns whether a signal has handlers.  signal: the number of the signal in the schema. */
OAI_AVAILABLE_IN_1_0
gboolean oai_stream_wants (OaiStream *self, guint signal);
/* Emits a signal with a text and indexes; the text is buffered if the signal has that flag.  indexes
 * has OAI_STREAM_MAX_INDEXES elements. */
OAI_AVAILABLE_IN_1_0
void oai_stream_emit_text (OaiStream *self, guint signal, const char *text, gsize length, const guint *indexes);
/* Emits any signal with its arguments. */
OAI_AVAILABLE_IN_1_0
void oai_stream_emit (OaiStream *self, guint signal, ...);

G_END_DECLS
