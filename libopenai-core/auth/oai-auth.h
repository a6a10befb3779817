/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The credentials of a client. */

#pragma once

#include "oai-token-request.h"

G_BEGIN_DECLS

#define OAI_TYPE_AUTH (oai_auth_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiAuth, oai_auth, OAI, AUTH, GObject)

/**
 * OAI_AUTH_FILE_NAME:
 *
 * The name of the files that [ctor@Oai.Auth.new_default] reads keys from.
 *
 * Since: 1.0
 */
#define OAI_AUTH_FILE_NAME ".openai"

/**
 * OaiAuthClass:
 * @parent_class: the parent class
 * @request_token_async: gets the token for an attempt; called before each attempt, in the thread of
 *   the call. The default implementation returns the key, or the token of a handler of
 *   #OaiAuth::token-requested
 * @request_token_finish: returns the result of @request_token_async, which the caller frees
 * @token_requested: class handler of #OaiAuth::token-requested, which is easier to override than
 *   the other functions
 *
 * Subclasses provide tokens that expire.
 *
 * Since: 1.0
 */
struct _OaiAuthClass
{
  GObjectClass parent_class;

  void (*request_token_async) (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  char *(*request_token_finish) (OaiAuth *self, GAsyncResult *result, GError **error);
  void (*token_requested) (OaiAuth *self, OaiTokenRequest *request);

  /*< private >*/
  gpointer padding[7];
};

OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new (const char *api_key);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_full (const char *api_key, const char *organization, const char *project);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_default (GError **error);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_from_environment (GError **error);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_from_directory (const char *directory, const char *filename, gboolean search_up, GError **error);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_from_path (const char *path, GError **error);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_for_azure_from_environment (GError **error);

/* The user's keyring (libsecret); fails with G_IO_ERROR_NOT_SUPPORTED if built without
 * libsecret. */
OAI_AVAILABLE_IN_1_0
void oai_auth_new_from_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_from_keyring_finish (GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_auth_new_from_keyring_or_none_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_new_from_keyring_or_none_finish (GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_auth_store_in_keyring_async (OaiAuth *self, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_store_in_keyring_finish (OaiAuth *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_auth_remove_from_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_remove_from_keyring_finish (GAsyncResult *result, GError **error);
/* The only function that may show the prompt of the keyring. */
OAI_AVAILABLE_IN_1_0
void oai_auth_unlock_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_unlock_keyring_finish (GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_auth_move_to_keyring_async (const char *path, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiAuth *oai_auth_move_to_keyring_finish (GAsyncResult *result, GError **error);

/* A key has no getter and no readable property; oai_auth_request_token_async() returns it. */
OAI_AVAILABLE_IN_1_0
void oai_auth_set_api_key (OaiAuth *self, const char *api_key);
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_has_api_key (OaiAuth *self);
OAI_AVAILABLE_IN_1_0
void oai_auth_set_admin_key (OaiAuth *self, const char *admin_key);
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_has_admin_key (OaiAuth *self);
OAI_AVAILABLE_IN_1_0
const char *oai_auth_get_organization (OaiAuth *self);
OAI_AVAILABLE_IN_1_0
const char *oai_auth_get_project (OaiAuth *self);
/* The key is a token of Microsoft Entra ID: "Authorization: Bearer" on Azure too. */
OAI_AVAILABLE_IN_1_0
gboolean oai_auth_get_use_active_directory (OaiAuth *self);
/* "explicit", "environment OPENAI_API_KEY", "file /home/me/.openai", "keyring", "none", "provider" */
OAI_AVAILABLE_IN_1_0
const char *oai_auth_get_source (OaiAuth *self);

/* The asynchronous token provider: the signal ::token-requested (OaiTokenRequest)
 * or the virtual functions. */
OAI_AVAILABLE_IN_1_0
void oai_auth_request_token_async (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_auth_request_token_finish (OaiAuth *self, GAsyncResult *result, GError **error);

G_END_DECLS
