/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-checked-file-private.h"

#include "oai-platform-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef OAI_HAVE_UNIX

#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
/* O_PATH opens directories that can be entered but not listed. */
#ifdef O_PATH
#define DIRECTORY_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

static void
set_status (OaiFileStatus *status, const struct stat *from)
{
  status->owner = from->st_uid;
  status->mode = from->st_mode & 07777;
}

int
oai_checked_file_open_path (const char *path, OaiFileStatus *status)
{
  struct stat info;
  int fd = open (path, FILE_FLAGS);
  int error = 0;

  if (fd < 0)
    return -1;

  if (fstat (fd, &info) != 0)
    error = errno;
  else if (!S_ISREG (info.st_mode))
    error = S_ISDIR (info.st_mode) ? EISDIR : EINVAL;
  if (error != 0)
    {
      close (fd);
      errno = error;
      return -1;
    }

  set_status (status, &info);

  return fd;
}

gboolean
oai_checked_file_open (OaiCheckedFile *self, const char *directory, const char *name)
{
  struct stat parent_info, info;
  int parent = open (directory, DIRECTORY_FLAGS);
  gboolean found;

  if (parent < 0)
    return FALSE;

  self->fd = openat (parent, name, FILE_FLAGS);
  self->error = errno;
  found = (self->fd >= 0 || errno != ENOENT)
          && fstat (parent, &parent_info) == 0
          && (self->fd >= 0 ? fstat (self->fd, &info) : fstatat (parent, name, &info, 0)) == 0
          && S_ISREG (info.st_mode);
  close (parent);
  if (!found)
    {
      if (self->fd >= 0)
        close (self->fd);
      return FALSE;
    }

  set_status (&self->directory, &parent_info);
  set_status (&self->file, &info);

  return TRUE;
}

guint32
oai_checked_file_get_user (void)
{
  return geteuid ();
}

#else

#ifndef O_BINARY
#define O_BINARY 0
#endif

int
oai_checked_file_open_path (const char *path, OaiFileStatus *status)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      errno = g_file_test (path, G_FILE_TEST_IS_DIR) ? EISDIR : EINVAL;
      return -1;
    }

  *status = (OaiFileStatus) { oai_checked_file_get_user (), 0600 };

  return g_open (path, O_RDONLY | O_BINARY, 0);
}

gboolean
oai_checked_file_open (OaiCheckedFile *self, const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;

  self->fd = oai_checked_file_open_path (path, &self->file);
  self->error = errno;
  self->directory = (OaiFileStatus) { oai_checked_file_get_user (), 0700 };

  return TRUE;
}

guint32
oai_checked_file_get_user (void)
{
  return 0;
}

#endif

gboolean
oai_checked_file_read (int fd, char *buffer, gsize size, gsize *length)
{
  *length = 0;
  while (*length < size)
    {
      gssize count = read (fd, buffer + *length, size - *length);

      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return FALSE;
      if (count == 0)
        break;
      *length += count;
    }

  return TRUE;
}

void
oai_checked_file_close (int fd)
{
  g_close (fd, NULL);
}
