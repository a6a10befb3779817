/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-secret-file-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>

#include "oai-checked-file-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secret-private.h"
#include "oai-wipe-private.h"

/* A group may read the file, for example that of the service. */
#define OTHERS_READ 0004
#define OTHERS_WRITE 0022
#define NS_PER_SECOND 1000000000LL

static void
set_stamp (OaiFileStamp *self, const struct stat *info)
{
  self->device = info->st_dev;
  self->inode = info->st_ino;
  self->size = info->st_size;
  self->modified_ns = info->st_mtim.tv_sec * NS_PER_SECOND + info->st_mtim.tv_nsec;
  self->changed_ns = info->st_ctim.tv_sec * NS_PER_SECOND + info->st_ctim.tv_nsec;
}

void
oai_file_stamp_read (OaiFileStamp *self, const char *path)
{
  struct stat info;

  memset (self, 0, sizeof *self);
  if (stat (path, &info) == 0)
    set_stamp (self, &info);
}

gboolean
oai_file_stamp_equal (const OaiFileStamp *a, const OaiFileStamp *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns
         && a->changed_ns == b->changed_ns;
}

static gboolean
fail_with_errno (GError **error, const char *path, int number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _("The file “%s” cannot be read: %s"), shown, g_strerror (number));

  return FALSE;
}

static gboolean
check_status (const char *path, const OaiFileStatus *status, gboolean is_secret, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (status->owner != oai_checked_file_get_user () && status->owner != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("The file “%s” belongs to another user"), shown);
      return FALSE;
    }
  if ((status->mode & OTHERS_WRITE) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("Others can write to the file “%s”; “chmod go-w” protects it"), shown);
      return FALSE;
    }
  if ((status->mode & OTHERS_READ) == 0)
    return TRUE;
  if (is_secret)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("All users can read the file “%s”; “chmod o-r” protects it"), shown);
      return FALSE;
    }

  g_message (_("All users can read the file “%s”; “chmod o-r” protects it"), shown);

  return TRUE;
}

static gboolean
read_text (int fd, const char *path, char *buffer, gsize max_size, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  gsize length;

  if (!oai_checked_file_read (fd, buffer, max_size + 1, &length))
    return fail_with_errno (error, path, errno);
  if (length > max_size)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The file “%s” is too large"), shown);
      return FALSE;
    }
  buffer[length] = '\0';
  if (strlen (buffer) == length)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The file “%s” is not a text file"), shown);

  return FALSE;
}

static char *
read_open_file (int fd, const char *path, gsize max_size, OaiFileStamp *stamp, GError **error)
{
  struct stat info;
  gsize size;
  char *buffer;

  if (fstat (fd, &info) != 0)
    {
      fail_with_errno (error, path, errno);
      return NULL;
    }

  set_stamp (stamp, &info);
  /* The file may be growing. */
  size = MIN (max_size, (gsize) info.st_size + 4096);
  buffer = g_malloc (size + 2);
  if (read_text (fd, path, buffer, size, error))
    return buffer;

  oai_wipe (buffer, size + 2);
  g_free (buffer);

  return NULL;
}

char *
oai_secret_file_read (const char *path, gsize max_size, gboolean is_secret, OaiFileStamp *stamp, GError **error)
{
  OaiFileStatus status;
  int fd = oai_checked_file_open_path (path, &status);
  char *text = NULL;

  memset (stamp, 0, sizeof *stamp);
  if (fd < 0)
    {
      fail_with_errno (error, path, errno);
      return NULL;
    }

  if (check_status (path, &status, is_secret, error))
    text = read_open_file (fd, path, max_size, stamp, error);
  oai_checked_file_close (fd);

  return text;
}
