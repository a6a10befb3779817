/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SipHash-1-3 with a random key for each process. */

#include "oai-json-hash-private.h"

#include "oai-json-scan-private.h"

typedef struct
{
  guint64 a;
  guint64 b;
  guint64 c;
  guint64 d;
} State;

static inline guint64
rotate (guint64 word, guint n)
{
  return word << n | word >> (64 - n);
}

static inline void
mix (State *self)
{
  self->a += self->b;
  self->b = rotate (self->b, 13) ^ self->a;
  self->a = rotate (self->a, 32);
  self->c += self->d;
  self->d = rotate (self->d, 16) ^ self->c;
  self->a += self->d;
  self->d = rotate (self->d, 21) ^ self->a;
  self->c += self->b;
  self->b = rotate (self->b, 17) ^ self->c;
  self->c = rotate (self->c, 32);
}

static inline void
add (State *self, guint64 word)
{
  self->d ^= word;
  mix (self);
  self->a ^= word;
}

/* Returns one half of the key.  The first thread that needs it creates it. */
static guint64
get_key (guint half)
{
  static gsize keys[2];
  gsize key = (gsize) g_atomic_pointer_get (&keys[half]);

  if (G_UNLIKELY (key == 0))
    {
      key = (gsize) ((guint64) g_random_int () << 32 | g_random_int () | 1);
      g_atomic_pointer_compare_and_exchange (&keys[half], (gsize) 0, key);
      key = (gsize) g_atomic_pointer_get (&keys[half]);
    }

  return key;
}

guint
oai_json_hash_name (gconstpointer name)
{
  const guchar *p = name;
  gsize length = strlen (name);
  guint64 first = get_key (0), second = get_key (1), last = (guint64) length << 56;
  State state = {
    first ^ G_GUINT64_CONSTANT (0x736f6d6570736575), second ^ G_GUINT64_CONSTANT (0x646f72616e646f6d),
    first ^ G_GUINT64_CONSTANT (0x6c7967656e657261), second ^ G_GUINT64_CONSTANT (0x7465646279746573)
  };

  for (gsize left = length; left >= 8; left -= 8, p += 8)
    add (&state, oai_json_load_word (p));
  for (guint i = 0; i < length % 8; i++)
    last |= (guint64) p[i] << (8 * i);
  add (&state, last);
  state.c ^= 0xff;
  for (guint i = 0; i < 3; i++)
    mix (&state);
  state.a ^= state.b ^ state.c ^ state.d;

  return (guint) (state.a ^ state.a >> 32);
}
