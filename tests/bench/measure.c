/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a program, and writes its resource usage to a file.  This program is small, because the
 * child of a large process starts with that process's peak memory.
 *
 * usage: measure FILE PROGRAM [ARGUMENT…] */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec + now.tv_nsec / 1e9;
}

static double
get_seconds (struct timeval time)
{
  return time.tv_sec + time.tv_usec / 1e6;
}

int
main (int argc, char **argv)
{
  struct rusage usage;
  double start = get_time ();
  int status;
  pid_t pid;
  FILE *file;

  if (argc < 3)
    return 2;

  pid = fork ();
  if (pid == 0)
    {
      execvp (argv[2], argv + 2);
      perror (argv[2]);
      _exit (127);
    }
  if (pid < 0 || wait4 (pid, &status, 0, &usage) != pid)
    return 1;

  file = fopen (argv[1], "w");
  if (file == NULL)
    return 1;
  fprintf (file, "{\"wall\": %.6f, \"cpu\": %.6f, \"rss\": %ld}\n", get_time () - start,
           get_seconds (usage.ru_utime) + get_seconds (usage.ru_stime), usage.ru_maxrss * 1024);
  fclose (file);

  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
