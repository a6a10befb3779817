/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scanning of JSON text, eight or sixteen bytes at a time. */

#pragma once

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <glib.h>

G_BEGIN_DECLS

/* U+FFFD */
#define OAI_JSON_REPLACEMENT "\357\277\275"

/* Whether the eight bytes at p are digits. */
static inline gboolean
oai_json_are_digits (const void *p)
{
  const guint64 high = G_GUINT64_CONSTANT (0xf0f0f0f0f0f0f0f0);
  guint64 word;

  memcpy (&word, p, sizeof word);

  return ((word & high) | ((word + G_GUINT64_CONSTANT (0x0606060606060606)) & high) >> 4) == G_GUINT64_CONSTANT (0x3333333333333333);
}

/* Eight bytes as a number whose lowest byte is the first. */
static inline guint64
oai_json_load_word (const guchar *p)
{
  guint64 word;

  memcpy (&word, p, sizeof word);

  return GUINT64_FROM_LE (word);
}

/* Returns the number of digits at the beginning of a word.  The addition carries only from bytes
 * that are not digits into later bytes, which does not change the result. */
static inline guint
oai_json_count_digits (guint64 word)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101);
  guint64 values = word ^ (ones * '0');
  guint64 others = (values | (values + ones * (0x80 - 10))) & (ones * 0x80);

  return others == 0 ? 8 : (guint) __builtin_ctzll (others) >> 3;
}

/* Returns the first byte within a string that is a quote, a backslash, a control character or not
 * ASCII; or end. */
static inline G_ALWAYS_INLINE const guchar *
oai_json_scan_plain (const guchar *p, const guchar *end)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101);

#ifdef __SSE2__
  /* As signed numbers, control characters and bytes that are not ASCII are less than a space. */
  for (; end - p >= 16; p += 16)
    {
      __m128i bytes = _mm_loadu_si128 ((const __m128i *) (const void *) p);
      __m128i found = _mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"')),
                                    _mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\')),
                                                  _mm_cmplt_epi8 (bytes, _mm_set1_epi8 (' '))));
      int mask = _mm_movemask_epi8 (found);

      if (mask != 0)
        return p + __builtin_ctz ((guint) mask);
    }
#endif
  for (; end - p >= 8; p += 8)
    {
      guint64 word, quote, slash, special;

      memcpy (&word, p, sizeof word);
      word = GUINT64_FROM_LE (word);
      quote = word ^ (ones * '"');
      slash = word ^ (ones * '\\');
      special = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word) | word;
      special &= ones * 0x80;
      if (special != 0)
        return p + (__builtin_ctzll (special) >> 3);
    }
  while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
    p++;

  return p;
}

/* Returns the length of the UTF-8 sequence at p.  If it is invalid, returns the negative number of
 * bytes that one replacement character replaces (as in the WHATWG Encoding Standard). */
static inline int
oai_json_scan_utf8 (const guchar *p, const guchar *end)
{
  guchar low = 0x80, high = 0xbf;
  int length, i;

  if (*p < 0x80)
    return 1;
  if (*p < 0xc2 || *p > 0xf4)
    return -1;

  length = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
  if (*p == 0xe0)
    low = 0xa0;
  else if (*p == 0xed)
    high = 0x9f;
  else if (*p == 0xf0)
    low = 0x90;
  else if (*p == 0xf4)
    high = 0x8f;

  for (i = 1; i < length; i++)
    {
      if (p + i >= end || p[i] < low || p[i] > high)
        return -i;
      low = 0x80;
      high = 0xbf;
    }

  return length;
}

G_END_DECLS
