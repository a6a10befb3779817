/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-function-private.h"

#include <string.h>

#include "oai-arguments-schema-private.h"
#include "oai-error.h"
#include "oai-gi-input-private.h"
#include "oai-gi-output-private.h"
#include "oai-gi-schema-private.h"
#include "oai-i18n-private.h"
#include "oai-json-writer-private.h"
#include "oai-tool-call-private.h"

typedef enum
{
  ROLE_VALUE,       /* from JSON, or to JSON, or both */
  ROLE_LENGTH,      /* of an array */
  ROLE_NULL,
  ROLE_CANCELLABLE,
  ROLE_CALLBACK,
  ROLE_USER_DATA,
  ROLE_RESULT       /* the GAsyncResult that a finish function takes */
} Role;

typedef struct
{
  GIBaseInfo *info;
  GIBaseInfo *type;
  const char *name;
  GIDirection direction;
  gboolean nullable;
  Role role;
  int length; /* the argument with the number of elements, or -1 */
} Argument;

struct _OaiGiFunction
{
  int ref_count;
  GIBaseInfo *info;
  GIBaseInfo *result; /* type of the return value */
  Argument *arguments;
  int n_arguments;
  gboolean has_result;   /* whether the return value is part of the result */
  OaiGiFunction *finish; /* of an asynchronous function */
};

/* Description */

static gboolean
is_interface (GITypeInfo *type, const char *namespace_, const char *name)
{
  g_autoptr(GIBaseInfo) interface = NULL;

  if (g_type_info_get_tag (type) != GI_TYPE_TAG_INTERFACE)
    return FALSE;

  interface = g_type_info_get_interface (type);

  return g_str_equal (g_base_info_get_namespace (interface), namespace_) && g_str_equal (g_base_info_get_name (interface), name);
}

static gboolean
is_input (const Argument *argument)
{
  return argument->role == ROLE_VALUE && argument->direction != GI_DIRECTION_OUT;
}

static gboolean
is_output (const Argument *argument)
{
  return argument->role == ROLE_VALUE && argument->direction != GI_DIRECTION_IN;
}

static Role
get_role (Argument *argument)
{
  if (argument->direction != GI_DIRECTION_IN)
    return ROLE_VALUE;
  if (is_interface (argument->type, "Gio", "Cancellable"))
    return ROLE_CANCELLABLE;
  if (is_interface (argument->type, "Gio", "AsyncReadyCallback"))
    return ROLE_CALLBACK;
  if (is_interface (argument->type, "Gio", "AsyncResult"))
    return ROLE_RESULT;

  return argument->nullable && oai_gi_type_get_kind (argument->type, FALSE) == OAI_GI_UNSUPPORTED ? ROLE_NULL : ROLE_VALUE;
}

static void
init_argument (Argument *self, GIFunctionInfo *info, int i)
{
  self->info = g_callable_info_get_arg (info, i);
  self->type = g_arg_info_get_type (self->info);
  self->name = g_base_info_get_name (self->info);
  self->direction = g_arg_info_get_direction (self->info);
  self->nullable = g_arg_info_may_be_null (self->info);
  self->length = g_type_info_get_tag (self->type) == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_length (self->type) : -1;
  self->role = get_role (self);
}

/* Arguments that belong to others have no name in JSON. */
static void
assign_roles (OaiGiFunction *self)
{
  int length = g_type_info_get_tag (self->result) == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_length (self->result) : -1;

  if (length >= 0)
    self->arguments[length].role = ROLE_LENGTH;
  for (int i = 0; i < self->n_arguments; i++)
    {
      Argument *argument = &self->arguments[i];
      int closure = g_arg_info_get_closure (argument->info);
      int destroy = g_arg_info_get_destroy (argument->info);

      if (argument->length >= 0)
        self->arguments[argument->length].role = ROLE_LENGTH;
      if (argument->role != ROLE_CALLBACK && argument->role != ROLE_NULL)
        continue;
      if (closure >= 0 && closure != i)
        self->arguments[closure].role = argument->role == ROLE_CALLBACK ? ROLE_USER_DATA : ROLE_NULL;
      if (destroy >= 0 && destroy != i)
        self->arguments[destroy].role = ROLE_NULL;
    }
}

static gboolean
fail_unsupported (OaiGiFunction *self, const char *name, GError **error)
{
  if (name != NULL)
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” cannot be a tool: the type of its argument “%s” is not supported"), g_base_info_get_name (self->info), name);
  else
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” cannot be a tool: the type of its return value is not supported"), g_base_info_get_name (self->info));

  return FALSE;
}

static gboolean
check_argument (OaiGiFunction *self, Argument *argument, gboolean is_finish, GError **error)
{
  gboolean is_struct = g_arg_info_is_caller_allocates (argument->info) && argument->direction == GI_DIRECTION_OUT;

  if (argument->role == ROLE_RESULT && !is_finish)
    return fail_unsupported (self, argument->name, error);
  if (is_input (argument) && oai_gi_type_get_kind (argument->type, FALSE) <= OAI_GI_NOTHING)
    return fail_unsupported (self, argument->name, error);
  if (is_output (argument) && (is_struct || oai_gi_type_get_kind (argument->type, TRUE) <= OAI_GI_NOTHING))
    return fail_unsupported (self, argument->name, error);

  return TRUE;
}

/* A boolean that only repeats whether there is an error is no result. */
static gboolean
check_types (OaiGiFunction *self, gboolean is_finish, GError **error)
{
  OaiGiKind kind = oai_gi_type_get_kind (self->result, TRUE);

  self->has_result = kind != OAI_GI_NOTHING && !g_callable_info_skip_return (self->info);
  if (kind == OAI_GI_BOOLEAN && g_callable_info_can_throw_gerror (self->info))
    self->has_result = FALSE;
  if (self->has_result && kind == OAI_GI_UNSUPPORTED)
    return fail_unsupported (self, NULL, error);

  for (int i = 0; i < self->n_arguments; i++)
    if (!check_argument (self, &self->arguments[i], is_finish, error))
      return FALSE;

  return TRUE;
}

static GIBaseInfo *
find_sibling (GIFunctionInfo *info, const char *name)
{
  GIBaseInfo *container = g_base_info_get_container (info);

  if (container == NULL)
    return g_irepository_find_by_name (NULL, g_base_info_get_namespace (info), name);
  if (GI_IS_OBJECT_INFO (container))
    return g_object_info_find_method (container, name);
  if (GI_IS_INTERFACE_INFO (container))
    return g_interface_info_find_method (container, name);

  return NULL;
}

static OaiGiFunction *create (GIFunctionInfo *info, gboolean is_finish, GError **error);

static gboolean
find_finish (OaiGiFunction *self, GError **error)
{
  const char *name = g_base_info_get_name (self->info);
  gsize length = g_str_has_suffix (name, "_async") ? strlen (name) - strlen ("_async") : strlen (name);
  g_autofree char *finish = g_strdup_printf ("%.*s_finish", (int) length, name);
  g_autoptr(GIBaseInfo) info = find_sibling (self->info, finish);

  if (info == NULL || !GI_IS_FUNCTION_INFO (info))
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” cannot be a tool: there is no “%s”"), name, finish);
      return FALSE;
    }
  self->finish = create (info, TRUE, error);

  return self->finish != NULL;
}

static gboolean
is_async (OaiGiFunction *self)
{
  for (int i = 0; i < self->n_arguments; i++)
    if (self->arguments[i].role == ROLE_CALLBACK)
      return TRUE;

  return FALSE;
}

static OaiGiFunction *
create (GIFunctionInfo *info, gboolean is_finish, GError **error)
{
  g_autoptr(OaiGiFunction) self = g_new0 (OaiGiFunction, 1);

  self->ref_count = 1;
  self->info = g_base_info_ref (info);
  self->result = g_callable_info_get_return_type (info);
  self->n_arguments = g_callable_info_get_n_args (info);
  self->arguments = g_new0 (Argument, self->n_arguments);
  for (int i = 0; i < self->n_arguments; i++)
    init_argument (&self->arguments[i], info, i);
  assign_roles (self);
  if (!check_types (self, is_finish, error))
    return NULL;
  if (is_async (self) && !find_finish (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

OaiGiFunction *
oai_gi_function_new (GIFunctionInfo *info, GError **error)
{
  return create (info, FALSE, error);
}

OaiGiFunction *
oai_gi_function_ref (OaiGiFunction *self)
{
  self->ref_count++;

  return self;
}

void
oai_gi_function_unref (OaiGiFunction *self)
{
  if (--self->ref_count > 0)
    return;

  for (int i = 0; i < self->n_arguments; i++)
    {
      g_base_info_unref (self->arguments[i].type);
      g_base_info_unref (self->arguments[i].info);
    }
  g_free (self->arguments);
  g_base_info_unref (self->result);
  g_base_info_unref (self->info);
  g_clear_pointer (&self->finish, oai_gi_function_unref);
  g_free (self);
}

/* Schema */

char *
oai_gi_dup_description (GIBaseInfo *info)
{
  g_autofree char *text = g_strdup (g_base_info_get_attribute (info, "oai.description"));

  if (text == NULL)
    return NULL;

  g_strdelimit (text, "_", ' ');

  return g_uri_unescape_string (text, NULL);
}

static const char *
get_default (Argument *argument)
{
  return g_base_info_get_attribute (argument->info, "oai.default");
}

static void
add_argument_schema (OaiGiSchema *types, Argument *argument, OaiArgumentsSchema *schema)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *description = oai_gi_dup_description (argument->info);

  oai_gi_schema_write (types, argument->type, text);
  oai_arguments_schema_add (schema, argument->name, text->str, description, get_default (argument), argument->nullable, !argument->nullable && get_default (argument) == NULL);
}

OaiJsonSchema *
oai_gi_function_create_schema (OaiGiFunction *self, GError **error)
{
  g_autoptr(OaiJsonSchema) created = NULL;
  OaiArgumentsSchema schema;
  OaiGiSchema types;
  gboolean prepared;

  oai_arguments_schema_init (&schema);
  oai_gi_schema_init (&types);
  for (int i = 0; i < self->n_arguments; i++)
    if (is_input (&self->arguments[i]))
      oai_gi_schema_add_type (&types, self->arguments[i].type);
  prepared = oai_gi_schema_prepare (&types, &schema.definitions, error);
  for (int i = 0; prepared && i < self->n_arguments; i++)
    if (is_input (&self->arguments[i]))
      add_argument_schema (&types, &self->arguments[i], &schema);
  created = oai_arguments_schema_end (&schema, prepared ? error : NULL);
  oai_gi_schema_clear (&types);

  return prepared ? g_steal_pointer (&created) : NULL;
}

/* Calls */

/* The arguments of one call of a function. */
typedef struct
{
  OaiGiFunction *function;
  OaiGiScope scope;
  GIArgument *values; /* of each argument */
  gssize *lengths;    /* of each argument that is a length: the number of elements, or -1 */
  GArray *in;
  GArray *out;
  GIArgument result;
} Frame;

static void
frame_init (Frame *self, OaiGiFunction *function)
{
  memset (self, 0, sizeof *self);
  self->function = function;
  oai_gi_scope_init (&self->scope);
  self->values = g_new0 (GIArgument, function->n_arguments);
  self->lengths = g_new (gssize, function->n_arguments);
  for (int i = 0; i < function->n_arguments; i++)
    self->lengths[i] = -1;
  self->in = g_array_new (FALSE, TRUE, sizeof (GIArgument));
  self->out = g_array_new (FALSE, TRUE, sizeof (GIArgument));
}

static void
frame_clear (Frame *self, gboolean called)
{
  oai_gi_scope_clear (&self->scope, called);
  g_free (self->values);
  g_free (self->lengths);
  g_array_unref (self->in);
  g_array_unref (self->out);
}

/* Converts the default of an argument. */
static gboolean
convert_default (Frame *self, int i, gsize *length, GError **error)
{
  Argument *argument = &self->function->arguments[i];
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (get_default (argument), -1, OAI_JSON_STRICT, error);

  return doc != NULL && oai_gi_input_convert (argument->type, g_arg_info_get_ownership_transfer (argument->info), argument->nullable, doc, 0, &self->scope, &self->values[i], length, error);
}

/* Two arrays may share a length. */
static gboolean
set_length (Frame *self, int i, gsize length, GError **error)
{
  gint64 minimum, maximum;

  oai_gi_type_get_limits (self->function->arguments[i].type, &minimum, &maximum);
  if (self->lengths[i] >= 0 && self->lengths[i] != (gssize) length)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "must have %" G_GSSIZE_FORMAT " elements, as another argument", self->lengths[i]);
      return FALSE;
    }
  if ((gint64) length > maximum)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "must have at most %" G_GINT64_FORMAT " elements", maximum);
      return FALSE;
    }
  self->lengths[i] = (gssize) length;
  oai_gi_type_set_integer (self->function->arguments[i].type, (gint64) length, &self->values[i]);

  return TRUE;
}

static gboolean
convert_argument (Frame *self, int i, OaiJsonDoc *doc, GError **error)
{
  Argument *argument = &self->function->arguments[i];
  OaiJsonNode node = oai_json_get_member (doc, 0, argument->name);
  gsize length = 0;
  gboolean converted;

  if (node == OAI_JSON_NONE && get_default (argument) != NULL)
    converted = convert_default (self, i, &length, error);
  else
    converted = oai_gi_input_convert (argument->type, g_arg_info_get_ownership_transfer (argument->info), argument->nullable, doc, node, &self->scope, &self->values[i], &length, error);
  if (converted && argument->length >= 0)
    converted = set_length (self, argument->length, length, error);
  if (!converted)
    g_prefix_error (error, "The argument “%s” ", argument->name);

  return converted;
}

static gboolean
frame_convert (Frame *self, const char *arguments, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (arguments, -1, OAI_JSON_STRICT, error);

  if (doc == NULL)
    return FALSE;
  if (oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "The arguments must be an object");
      return FALSE;
    }

  for (int i = 0; i < self->function->n_arguments; i++)
    if (is_input (&self->function->arguments[i]) && !convert_argument (self, i, doc, error))
      return FALSE;

  return TRUE;
}

static void
add_argument (Frame *self, int i)
{
  GIDirection direction = self->function->arguments[i].direction;
  GIArgument pointer = { .v_pointer = &self->values[i] };

  if (direction == GI_DIRECTION_IN)
    g_array_append_val (self->in, self->values[i]);
  else if (direction == GI_DIRECTION_INOUT)
    g_array_append_val (self->in, pointer);
  if (direction != GI_DIRECTION_IN)
    g_array_append_val (self->out, pointer);
}

static gboolean
frame_invoke (Frame *self, GObject *instance, GError **error)
{
  OaiGiFunction *function = self->function;
  GIArgument object = { .v_pointer = instance };

  if (instance != NULL && g_callable_info_get_instance_ownership_transfer (function->info) != GI_TRANSFER_NOTHING)
    g_object_ref (instance);
  if (g_callable_info_is_method (function->info))
    g_array_append_val (self->in, object);
  for (int i = 0; i < function->n_arguments; i++)
    add_argument (self, i);

  return g_function_info_invoke (function->info, (GIArgument *) (gpointer) self->in->data, self->in->len, (GIArgument *) (gpointer) self->out->data, self->out->len, &self->result, error);
}

/* Results */

static gsize
get_length (Frame *self, GITypeInfo *type)
{
  int i = g_type_info_get_tag (type) == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_length (type) : -1;

  return i >= 0 ? (gsize) oai_gi_type_get_integer (self->function->arguments[i].type, &self->values[i], NULL) : 0;
}

static void
write_member (const char *name, gboolean several, GString *out)
{
  if (!several)
    return;

  g_string_append_c (out, out->len == 0 ? '{' : ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
}

/* Returns the result as JSON; an object if there are several values; NULL if there is none, or with an error
 * if a value has no JSON form. */
static char *
frame_dup_result (Frame *self, GError **error)
{
  OaiGiFunction *function = self->function;
  GString *out = g_string_new (NULL);
  int n = function->has_result;

  for (int i = 0; i < function->n_arguments; i++)
    n += is_output (&function->arguments[i]);
  if (function->has_result)
    {
      write_member ("return_value", n > 1, out);
      oai_gi_output_write (function->result, &self->result, get_length (self, function->result), out, error);
    }
  for (int i = 0; i < function->n_arguments; i++)
    if (is_output (&function->arguments[i]))
      {
        write_member (function->arguments[i].name, n > 1, out);
        oai_gi_output_write (function->arguments[i].type, &self->values[i], get_length (self, function->arguments[i].type), out, error);
      }
  if (n > 1)
    g_string_append_c (out, '}');

  return g_string_free (out, n == 0);
}

static void
frame_clear_result (Frame *self)
{
  OaiGiFunction *function = self->function;

  oai_gi_output_clear (function->result, g_callable_info_get_caller_owns (function->info), &self->result, get_length (self, function->result));
  for (int i = 0; i < function->n_arguments; i++)
    if (is_output (&function->arguments[i]))
      oai_gi_output_clear (function->arguments[i].type, g_arg_info_get_ownership_transfer (function->arguments[i].info), &self->values[i], get_length (self, function->arguments[i].type));
}

/* Answers a call with the results of a function that returned, or with its error. */
static void
answer (Frame *self, gboolean succeeded, const GError *error, OaiToolCall *call)
{
  g_autofree char *json = NULL;
  g_autoptr(GError) inner = NULL;

  if (!succeeded)
    {
      oai_tool_call_fail (call, error);
      return;
    }

  json = frame_dup_result (self, &inner);
  frame_clear_result (self);
  if (inner != NULL)
    oai_tool_call_fail (call, inner);
  else if (json != NULL)
    oai_tool_call_respond_json (call, json);
  else
    oai_tool_call_respond (call, NULL);
}

/* An asynchronous function that has been started. */
typedef struct
{
  OaiGiFunction *function;
  GObject *instance;
  OaiToolCall *call;
} Pending;

static void
free_pending (Pending *pending)
{
  g_object_unref (pending->call);
  g_clear_object (&pending->instance);
  oai_gi_function_unref (pending->function);
  g_free (pending);
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pending *pending = user_data;
  OaiGiFunction *finish = pending->function->finish;
  g_autoptr(GError) error = NULL;
  gboolean succeeded;
  Frame frame;

  frame_init (&frame, finish);
  for (int i = 0; i < finish->n_arguments; i++)
    if (finish->arguments[i].role == ROLE_RESULT)
      frame.values[i].v_pointer = result;
  succeeded = frame_invoke (&frame, pending->instance, &error);
  answer (&frame, succeeded, error, pending->call);
  frame_clear (&frame, TRUE);
  free_pending (pending);
}

/* Fills in the arguments of an asynchronous function.  The callback frees the result. */
static Pending *
frame_set_callback (Frame *self, GObject *instance, OaiToolCall *call)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->function = oai_gi_function_ref (self->function);
  pending->instance = instance != NULL ? g_object_ref (instance) : NULL;
  pending->call = g_object_ref (call);
  for (int i = 0; i < self->function->n_arguments; i++)
    {
      Role role = self->function->arguments[i].role;

      if (role == ROLE_CALLBACK)
        self->values[i].v_pointer = (gpointer) ready_cb;
      else if (role == ROLE_USER_DATA)
        self->values[i].v_pointer = pending;
    }

  return pending;
}

void
oai_gi_function_call (OaiGiFunction *self, GObject *instance, OaiToolCall *call)
{
  g_autofree char *arguments = oai_tool_call_dup_arguments_json (call);
  g_autoptr(GError) error = NULL;
  Pending *pending = NULL;
  gboolean succeeded;
  Frame frame;

  frame_init (&frame, self);
  if (!frame_convert (&frame, arguments, &error))
    {
      oai_tool_call_fail_with_message (call, error->message);
      frame_clear (&frame, FALSE);
      return;
    }

  for (int i = 0; i < self->n_arguments; i++)
    if (self->arguments[i].role == ROLE_CANCELLABLE)
      frame.values[i].v_pointer = oai_tool_call_get_cancellable (call);
  if (self->finish != NULL)
    pending = frame_set_callback (&frame, instance, call);
  succeeded = frame_invoke (&frame, instance, &error);
  if (pending == NULL || !succeeded)
    answer (&frame, succeeded, error, call);
  if (pending != NULL && !succeeded)
    free_pending (pending);
  frame_clear (&frame, TRUE);
}
