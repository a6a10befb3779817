/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of all JSON objects of the API. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_RECORD (oai_record_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiRecord, oai_record, OAI, RECORD, GObject)

struct _OaiRecordClass
{
  GObjectClass parent_class;

  /*< private >*/
  const OaiRecordSchema *schema;
  gpointer info;
  gpointer padding[7];
};

OAI_AVAILABLE_IN_1_0
OaiRecord *oai_record_new_from_json (GType type, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_record_to_json (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
char *oai_record_to_string (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_record_copy (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_equal (OaiRecord *self, OaiRecord *other);

OAI_AVAILABLE_IN_1_0
gboolean oai_record_is_writable (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
GStrv oai_record_list_members (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_has_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_is_null_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
void oai_record_unset_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
void oai_record_set_null_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
char *oai_record_dup_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_set_member (OaiRecord *self, const char *member, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_record_get_string_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
gint64 oai_record_get_int_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
double oai_record_get_double_member (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_get_boolean_member (OaiRecord *self, const char *member);

OAI_AVAILABLE_IN_1_0
OaiCall *oai_record_get_call (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
OaiClient *oai_record_get_client (OaiRecord *self);

G_END_DECLS
