/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-operation-lookup-private.h"

#include <string.h>

#include "oai-endpoint.h"
#include "oai-module-loader-private.h"

static GType
find_endpoint (const char *path, GError **error)
{
  g_autofree char *name = g_strndup (path, strcspn (path, "/"));

  return oai_module_find_endpoint (g_strdelimit (name, "_", '-'), error);
}

const OaiOperation *
oai_operation_lookup (const char *method, const char *path)
{
  const char *start = path + strspn (path, "/");
  g_autofree char *plain = g_strndup (start, strcspn (start, "?#"));
  g_autoptr(GError) error = NULL;
  GType type;
  OaiEndpointClass *klass;
  const OaiOperation *found = NULL;

  for (gsize length = strlen (plain); length > 0 && plain[length - 1] == '/'; length--)
    plain[length - 1] = '\0';
  type = find_endpoint (plain, &error);
  if (type == G_TYPE_INVALID)
    return NULL;

  klass = g_type_class_ref (type);
  for (guint i = 0; i < klass->n_operations && found == NULL; i++)
    if (strcmp (klass->operations[i].path, plain) == 0
        && (method == NULL || g_ascii_strcasecmp (klass->operations[i].method, method) == 0))
      found = &klass->operations[i];
  g_type_class_unref (klass);

  return found;
}
