/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The models of all servers, as one list. */

#pragma once

#include "oai-proxy-limits.h"
#include "oai-router-private.h"

G_BEGIN_DECLS

typedef struct _OaiModelList OaiModelList;
typedef struct _OaiModelListWait OaiModelListWait;

/* error: OAI_PROXY_ERROR_UPSTREAM if no server replied; borrowed. */
typedef void (*OaiModelListFunc) (const GError *error, gpointer user_data);

OaiModelList *oai_model_list_new (OaiRouter *router);
/* Functions that wait are not called. */
void oai_model_list_free (OaiModelList *self);
/* The servers have changed. */
void oai_model_list_forget (OaiModelList *self);
/* Requests the lists of all servers, unless that was done in the last 30 seconds.  Servers that do not reply are
 * omitted.  May call func before it returns, and returns NULL then. */
OaiModelListWait *oai_model_list_load (OaiModelList *self, OaiModelListFunc func, gpointer user_data);
/* func is not called. */
void oai_model_list_wait_cancel (OaiModelListWait *wait);
/* The reply of "GET models", with the models that limits allow; limits: nullable.  To be called within func. */
GBytes *oai_model_list_to_json (OaiModelList *self, OaiProxyLimits *limits);

G_END_DECLS
