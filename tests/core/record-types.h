/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Records like those that the compiler generates, with a field of each type. */

#pragma once

#include "oai-record.h"
#include "oai-record-class.h"

G_BEGIN_DECLS

/* A request. */
enum
{
  MESSAGE_ROLE,
  MESSAGE_ID,
  MESSAGE_CONTENT,
  MESSAGE_CONTENT_PARTS,
  MESSAGE_STOP,
  MESSAGE_STOP_LIST,
  MESSAGE_CREATED,
  MESSAGE_COUNT,
  MESSAGE_SCORE,
  MESSAGE_FLAG,
  MESSAGE_TAGS,
  MESSAGE_METADATA,
  MESSAGE_SCHEMA,
  MESSAGE_SECRET,
  MESSAGE_USAGE,
  MESSAGE_CALLS,
  MESSAGE_TOKENS,
  MESSAGE_VECTOR,
  MESSAGE_FILE,
  MESSAGE_FILES,
  MESSAGE_ARGUMENTS,
  N_MESSAGE_FIELDS
};

GType test_message_get_type (void);

/* A writable part of a message, with a string and a number. */
enum
{
  USAGE_UNIT,
  USAGE_TOTAL,
  USAGE_KEY
};

GType test_usage_get_type (void);

/* A union by "type". */
enum
{
  PART_TYPE,
  PART_NOTE,
  TEXT_PART_TEXT,
  IMAGE_PART_URL = TEXT_PART_TEXT,
  IMAGE_PART_SIZE
};

GType test_part_get_type (void);
GType test_text_part_get_type (void);
GType test_image_part_get_type (void);

/* A reply, which is not writable. */
enum
{
  REPLY_ID,
  REPLY_MESSAGE,
  REPLY_CHOICES
};

GType test_reply_get_type (void);

G_END_DECLS
