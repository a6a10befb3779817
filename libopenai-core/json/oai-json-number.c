/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-number-private.h"

#include <float.h>
#include <math.h>

#include "oai-json-scan-private.h"

/* Powers of ten that a double holds exactly. */
static const double exact_powers[] = {
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

gboolean
oai_json_number_fits (const char *text, gsize length)
{
  gboolean negative = *text == '-';
  gsize digits = length - (negative ? 1 : 0);

  if (digits != 19)
    return digits < 19;

  return memcmp (text + (negative ? 1 : 0), negative ? "9223372036854775808" : "9223372036854775807", 19) <= 0;
}

gint64
oai_json_number_to_int (const char *text, gsize length)
{
  const char *end = text + length;
  gboolean negative = *text == '-';
  guint64 value = 0;

  for (text += negative ? 1 : 0; text < end; text++)
    value = value * 10 + (guint64) (*text - '0');

  return (gint64) (negative ? -value : value);
}

static double
slow_to_double (const char *text, gsize length)
{
  char buffer[64];
  g_autofree char *copy = NULL;

  if (length < sizeof buffer)
    {
      memcpy (buffer, text, length);
      buffer[length] = '\0';
      return g_ascii_strtod (buffer, NULL);
    }
  copy = g_strndup (text, length);

  return g_ascii_strtod (copy, NULL);
}

static int
read_exponent (const char *p, const char *end)
{
  gboolean negative = *p == '-';
  int value = 0;

  if (*p == '-' || *p == '+')
    p++;
  for (; p < end && value < 100000; p++)
    value = value * 10 + (*p - '0');

  return negative ? -value : value;
}

/* The number that the eight digits of a word stand for: pairs, groups of four, then all. */
static inline guint64
sum_digits (guint64 word)
{
  word = word * 10 + (word >> 8);
  word = (word & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff)) * (1 + (100 << 16)) >> 16;

  return (word & G_GUINT64_CONSTANT (0x0000ffff0000ffff)) * (1 + (G_GUINT64_CONSTANT (10000) << 32)) >> 32;
}

/* Adds the digits at p to mantissa, and returns their end. */
static inline const char *
read_digits (const char *p, const char *end, guint64 *mantissa)
{
  const guint64 zeros = G_GUINT64_CONSTANT (0x0101010101010101) * '0';
  guint64 value = *mantissa;

  for (; end - p >= 8 && oai_json_are_digits (p); p += 8)
    value = value * 100000000 + sum_digits (oai_json_load_word ((const guchar *) p) ^ zeros);
  for (; p < end && (guchar) (*p - '0') <= 9; p++)
    value = value * 10 + (guint64) (*p - '0');
  *mantissa = value;

  return p;
}

/* text is a JSON number.  With a mantissa below 2⁵³ and a small power of ten, one
 * multiplication or division gives the exact result; other numbers are left to libc. */
double
oai_json_number_to_double (const char *text, gsize length)
{
  const char *end = text + length, *start = *text == '-' ? text + 1 : text, *p;
  guint64 mantissa = 0;
  gsize digits;
  int exponent = 0;

#if FLT_EVAL_METHOD != 0
  return slow_to_double (text, length);
#endif
  p = read_digits (start, end, &mantissa);
  digits = p - start;
  if (p < end && *p == '.')
    {
      const char *fraction = p + 1;

      p = read_digits (fraction, end, &mantissa);
      digits += p - fraction;
      exponent = -(int) MIN (p - fraction, 100);
    }
  if (digits > 19)
    return slow_to_double (text, length);
  if (p < end)
    exponent += read_exponent (p + 1, end);
  if (mantissa > (G_GUINT64_CONSTANT (1) << 53) || exponent < -22 || exponent > 22)
    return slow_to_double (text, length);

  {
    double value = (double) mantissa;

    value = exponent < 0 ? value / exact_powers[-exponent] : value * exact_powers[exponent];
    return *text == '-' ? -value : value;
  }
}

/* Returns the number that the first n digits at p represent; n is at most sixteen. */
static inline guint64
join_digits (const guchar *p, guint n)
{
  static const guint32 powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
  const guint64 zeros = G_GUINT64_CONSTANT (0x0101010101010101) * '0';
  guint n_first = MIN (n, 8), n_second = n - n_first;
  /* The shifts replace the bytes after the digits by zeros before them; in two steps, as a word cannot be shifted by its width. */
  guint first_half = 4 * (8 - n_first), second_half = 4 * (8 - n_second);
  guint64 first = (oai_json_load_word (p) ^ zeros) << first_half << first_half;
  guint64 second = (oai_json_load_word (p + 8) ^ zeros) << second_half << second_half;

  return sum_digits (first) * powers[n_second] + sum_digits (second);
}

static inline gboolean
goes_on (guchar c)
{
  return (guchar) (c - '0') <= 9 || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* Most numbers are one digit, a point and up to fifteen more digits.  They are read eight digits at
 * a time, and converted as in oai_json_number_to_double(). */
const guchar *
oai_json_read_double (const guchar *text, const guchar *end, double *value)
{
  const guchar *p = text + (*text == '-');

#if FLT_EVAL_METHOD == 0
  if (end - p >= 18 && p[1] == '.')
    {
      guint n = oai_json_count_digits (oai_json_load_word (p + 2));
      guint64 mantissa;

      if (n == 8)
        n += oai_json_count_digits (oai_json_load_word (p + 10));
      mantissa = n < 16 ? (guint64) (*p - '0') * (guint64) (gint64) exact_powers[n] + join_digits (p + 2, n) : G_MAXUINT64;
      /* After fewer than sixteen digits of a fraction, only an exponent can follow. */
      if (G_LIKELY (mantissa <= (G_GUINT64_CONSTANT (1) << 53) && (p[2 + n] | 0x20) != 'e'))
        {
          double size = (double) mantissa / exact_powers[n];

          *value = *text == '-' ? -size : size;
          return p + 2 + n;
        }
    }
#endif
  while (p < end && goes_on (*p))
    p++;
  *value = oai_json_number_to_double ((const char *) text, (gsize) (p - text));

  return p;
}

gboolean
oai_json_double_to_int (double value, gint64 *result)
{
  if (!(value >= -0x1p63 && value < 0x1p63) || value != trunc (value))
    return FALSE;

  *result = (gint64) value;
  return TRUE;
}

void
oai_json_write_int (GString *out, gint64 value)
{
  char buffer[24];
  char *p = buffer + sizeof buffer;
  guint64 left = value < 0 ? -(guint64) value : (guint64) value;

  do
    {
      *--p = (char) ('0' + left % 10);
      left /= 10;
    }
  while (left > 0);
  if (value < 0)
    *--p = '-';

  g_string_append_len (out, p, buffer + sizeof buffer - p);
}

void
oai_json_write_double (GString *out, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  int precision;

  if (!isfinite (value))
    {
      g_string_append (out, "null");
      return;
    }
  if (fabs (value) < 0x1p53 && value == trunc (value) && !(value == 0 && signbit (value)))
    {
      oai_json_write_int (out, (gint64) value);
      return;
    }

  /* Fifteen digits are enough for each normal double that a text of up to fifteen digits
   * represents. */
  for (precision = isnormal (value) ? 15 : 1; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (precision == 17 || g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  g_string_append (out, buffer);
}
