/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-keyring-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secret-private.h"

#ifdef HAVE_LIBSECRET

#include <libsecret/secret.h>

/* libsecret 0.20 does not include this header in secret.h. */
#ifndef __SECRET_BACKEND_H__
#define __SECRET_INSIDE_HEADER__
#include <libsecret/secret-backend.h>
#undef __SECRET_INSIDE_HEADER__
#endif

/* Never SECRET_SEARCH_UNLOCK: it may wait for a prompt that is not visible.  Only
 * oai_keyring_unlock_async() may show one. */

static const SecretSchema schema = {
  "org.openai.Oai.Key",
  SECRET_SCHEMA_NONE,
  { { "service", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } }
};

typedef struct
{
  GHashTable *attributes;
  char *service;
  char *text; /* to be stored; NULL to remove the stored text */
  SecretBackend *backend;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_hash_table_unref (change->attributes);
  g_free (change->service);
  oai_secret_free (change->text);
  g_clear_object (&change->backend);
  g_free (change);
}

static void
object_list_free (GList *list)
{
  g_list_free_full (list, g_object_unref);
}

typedef GList ObjectList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ObjectList, object_list_free)

static void
return_locked (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s", _("The keyring is locked"));
}

static void
return_absent (GTask *task, const char *service)
{
  g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("There is no key for “%s” in the keyring"), service);
}

/* Adds a prefix, since the message of the bus does not mention the keyring. */
static void
return_failure (GTask *task, GError *error)
{
  if (error->domain == SECRET_ERROR && error->code == SECRET_ERROR_IS_LOCKED)
    {
      g_error_free (error);
      return_locked (task);
      return;
    }

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&error, "%s", _("The keyring cannot be used: "));
  g_task_return_error (task, error);
}

static gboolean
is_locked (gpointer item)
{
  return SECRET_IS_ITEM (item) && secret_item_get_locked (item);
}

/* Returns an item that can be read, or NULL. */
static SecretRetrievable *
find_open (GList *items)
{
  for (GList *l = items; l != NULL; l = l->next)
    {
      if (!is_locked (l->data))
        return l->data;
    }

  return NULL;
}

static void
on_retrieved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  SecretValue *value = secret_retrievable_retrieve_secret_finish (SECRET_RETRIEVABLE (source), result, &error);
  const char *text = value != NULL ? secret_value_get_text (value) : NULL;

  if (text != NULL)
    g_task_return_pointer (task, g_strdup (text), oai_secret_free);
  else if (error != NULL)
    return_failure (task, g_steal_pointer (&error));
  else
    return_absent (task, g_task_get_task_data (task));

  g_clear_pointer (&value, secret_value_unref);
}

/* A keyring that was not unlocked since login lists no items, so that an empty result does not
 * mean that there is no key. */

typedef struct
{
  GTask *task;
  char *service;
} Absence;

static void
absence_free (Absence *self)
{
  g_object_unref (self->task);
  g_free (self->service);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Absence, absence_free)

static void
on_collection_of_absent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Absence) absence = user_data;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, NULL);

  if (collection != NULL && secret_collection_get_locked (collection))
    return_locked (absence->task);
  else
    return_absent (absence->task, absence->service);
}

static void
on_backend_of_absent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Absence) absence = user_data;
  g_autoptr (SecretBackend) backend = secret_backend_get_finish (result, NULL);
  GCancellable *cancellable = g_task_get_cancellable (absence->task);

  if (SECRET_IS_SERVICE (backend))
    secret_collection_for_alias (SECRET_SERVICE (backend), SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 cancellable, on_collection_of_absent, g_steal_pointer (&absence));
  else
    return_absent (absence->task, absence->service);
}

static void
return_absent_or_locked (GTask *task, const char *service)
{
  Absence *absence = g_new0 (Absence, 1);

  absence->task = g_object_ref (task);
  absence->service = g_strdup (service);
  secret_backend_get (SECRET_BACKEND_NONE, g_task_get_cancellable (task), on_backend_of_absent, absence);
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (ObjectList) items = secret_password_search_finish (result, &error);
  SecretRetrievable *item = find_open (items);

  if (error != NULL)
    return_failure (task, error);
  else if (items == NULL)
    return_absent_or_locked (task, g_task_get_task_data (task));
  else if (item == NULL)
    return_locked (task);
  else
    secret_retrievable_retrieve_secret (item, g_task_get_cancellable (task), on_retrieved, g_object_ref (task));
}

void
oai_keyring_lookup_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GHashTable) attributes = secret_attributes_build (&schema, "service", service, NULL);

  g_task_set_source_tag (task, oai_keyring_lookup_async);
  g_task_set_task_data (task, g_strdup (service), g_free);
  secret_password_searchv (&schema, attributes, SECRET_SEARCH_ALL, cancellable, on_searched, task);
}

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Change *change = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean done;

  if (change->text != NULL)
    done = secret_password_store_finish (result, &error);
  else
    done = secret_password_clear_finish (result, &error);

  if (error != NULL)
    return_failure (task, error);
  else if (!done)
    return_absent (task, change->service);
  else
    g_task_return_boolean (task, TRUE);
}

static void
store (GTask *task)
{
  const Change *change = g_task_get_task_data (task);
  g_autofree char *label = NULL;

  /* Translators: name of a key in the keyring; %s is a service such as api.openai.com. */
  label = g_strdup_printf (_("API key for %s"), change->service);
  secret_password_storev (&schema, change->attributes, SECRET_COLLECTION_DEFAULT, label, change->text,
                          g_task_get_cancellable (task), on_changed, g_object_ref (task));
}

static void
on_collection (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    return_failure (task, error);
  else if (collection == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s", _("There is no keyring to store the key in"));
  else if (secret_collection_get_locked (collection))
    return_locked (task);
  else
    store (task);
}

static void
on_backend (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  change->backend = secret_backend_get_finish (result, &error);
  if (error != NULL)
    return_failure (task, error);
  else if (SECRET_IS_SERVICE (change->backend))
    secret_collection_for_alias (SECRET_SERVICE (change->backend), SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 g_task_get_cancellable (task), on_collection, g_object_ref (task));
  else
    store (task);
}

static GTask *
new_change (const char *service, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Change *change = g_new0 (Change, 1);

  g_task_set_source_tag (task, new_change);
  change->attributes = secret_attributes_build (&schema, "service", service, NULL);
  change->service = g_strdup (service);
  change->text = g_strdup (text);
  g_task_set_task_data (task, change, change_free);

  return task;
}

void
oai_keyring_store_async (const char *service, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = new_change (service, text, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_keyring_store_async);
  secret_backend_get (SECRET_BACKEND_NONE, cancellable, on_backend, task);
}

static void
on_searched_for_removal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Change *change = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (ObjectList) items = secret_password_search_finish (result, &error);

  if (error != NULL)
    {
      return_failure (task, error);
      return;
    }

  for (GList *l = items; l != NULL; l = l->next)
    {
      if (is_locked (l->data))
        {
          return_locked (task);
          return;
        }
    }

  if (items == NULL)
    return_absent_or_locked (task, change->service);
  else
    secret_password_clearv (&schema, change->attributes, g_task_get_cancellable (task), on_changed, g_object_ref (task));
}

void
oai_keyring_remove_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = new_change (service, NULL, cancellable, callback, user_data);
  const Change *change = g_task_get_task_data (task);

  g_task_set_source_tag (task, oai_keyring_remove_async);
  secret_password_searchv (&schema, change->attributes, SECRET_SEARCH_ALL, cancellable, on_searched_for_removal, task);
}

/* Unlocking */

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  int n_unlocked = secret_service_unlock_finish (SECRET_SERVICE (source), result, NULL, &error);

  if (error != NULL)
    return_failure (task, error);
  else if (n_unlocked < GPOINTER_TO_INT (g_task_get_task_data (task)))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED_HANDLED, "%s", _("The keyring was not unlocked"));
  else
    g_task_return_boolean (task, TRUE);
}

/* objects: items or collections that are locked, all of the same service */
static void
unlock (GTask *task, SecretService *service, GList *objects)
{
  g_task_set_task_data (task, GINT_TO_POINTER (g_list_length (objects)), NULL);
  secret_service_unlock (service, objects, g_task_get_cancellable (task), on_unlocked, g_object_ref (task));
}

static void
on_collection_to_unlock (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);
  GList objects = { collection, NULL, NULL };

  if (error != NULL)
    return_failure (task, error);
  else if (collection == NULL || !secret_collection_get_locked (collection))
    g_task_return_boolean (task, TRUE);
  else
    unlock (task, secret_collection_get_service (collection), &objects);
}

static void
on_backend_to_unlock (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (SecretBackend) backend = secret_backend_get_finish (result, &error);

  if (error != NULL)
    return_failure (task, error);
  else if (!SECRET_IS_SERVICE (backend))
    g_task_return_boolean (task, TRUE);
  else
    secret_collection_for_alias (SECRET_SERVICE (backend), SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 g_task_get_cancellable (task), on_collection_to_unlock, g_object_ref (task));
}

/* Without locked items, the default collection may be locked, which then lists none. */
static void
on_searched_to_unlock (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (ObjectList) items = secret_password_search_finish (result, &error);
  g_autoptr (GList) locked = NULL;

  for (GList *l = items; l != NULL; l = l->next)
    if (is_locked (l->data))
      locked = g_list_append (locked, l->data);

  if (error != NULL)
    return_failure (task, error);
  else if (locked != NULL)
    unlock (task, secret_item_get_service (locked->data), locked);
  else
    secret_backend_get (SECRET_BACKEND_NONE, g_task_get_cancellable (task), on_backend_to_unlock, g_object_ref (task));
}

void
oai_keyring_unlock_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GHashTable) attributes = secret_attributes_build (&schema, "service", service, NULL);

  g_task_set_source_tag (task, oai_keyring_unlock_async);
  secret_password_searchv (&schema, attributes, SECRET_SEARCH_ALL, cancellable, on_searched_to_unlock, task);
}

#else

static void
return_not_supported (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, return_not_supported);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s", _("This library was built without keyrings"));
}

void
oai_keyring_lookup_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  return_not_supported (cancellable, callback, user_data);
}

void
oai_keyring_store_async (const char *service, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  return_not_supported (cancellable, callback, user_data);
}

void
oai_keyring_remove_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  return_not_supported (cancellable, callback, user_data);
}

void
oai_keyring_unlock_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  return_not_supported (cancellable, callback, user_data);
}

#endif

char *
oai_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
oai_keyring_change_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
