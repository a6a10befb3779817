/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The configuration of the program oai-proxy: the values of its file, with their types and default values. */

#pragma once

#include "oai-config-file-private.h"

G_BEGIN_DECLS

/* Durations are milliseconds, sizes are bytes.  Strings are NULL and lists are NULL if they are not set. */

typedef struct
{
  const char *name;
  guint line;
  char *address;
  char *unix_path;
  char *systemd;
  guint mode;
  gboolean tls;
} OaiConfigListen;

typedef struct
{
  const char *name;
  guint line;
  char *base_url;
  char *azure_endpoint;
  char *deployment;
  char *api_version;
  gboolean active_directory;
  char *key_file;
  char *key_credential;
  char *key_environment;
  gboolean no_key;
  char *organization;
  char *project;
  char **models;
  guint priority;
  guint weight;
  guint max_concurrent;
  guint connect_timeout_ms;
  guint idle_timeout_ms;
  guint timeout_ms;
  gboolean allow_insecure_http;
} OaiConfigUpstream;

typedef struct
{
  const char *name;
  guint line;
  char *type;
  char *file;
  char *file_credential; /* a copy of the file that systemd has passed */
  char **command;
  guint timeout_ms;
  guint max_processes;
  guint cache_ms;
  char *issuer;
  char **audience;
  char *identity_claim;
  char *identity_prefix;
  char *limits_claim;
  char *required_scope;
  char *limits;
  char **map;
} OaiConfigIdentity;

typedef struct
{
  const char *name;
  guint line;
  guint requests_per_minute;
  guint requests_per_day;
  guint64 tokens_per_minute;
  guint64 tokens_per_day;
  double cost_per_day;
  double cost_per_month;
  guint max_streams;
  guint64 max_body_size;
  char **allowed_models;
  char **allowed_operations;
} OaiConfigLimits;

typedef struct
{
  char *model;
  guint line;
  double input;
  double cached_input;
  double output;
} OaiConfigPrice;

typedef struct
{
  char *path;
  GPtrArray *groups; /* of the file */

  /* [proxy] */
  char *prefix;
  gboolean allow_anonymous;
  guint workers;
  guint shutdown_timeout_ms;
  guint max_connections;
  guint max_connections_per_address;
  guint handshake_timeout_ms;
  guint head_timeout_ms;
  guint idle_timeout_ms;
  guint body_timeout_ms;
  guint write_timeout_ms;
  guint max_requests;
  guint64 max_body_size;
  char *spool_directory;
  guint allow_anonymous_line;

  /* [tls] */
  char *certificate;
  char *key;
  char *client_ca;
  char *client_certificates;
  guint tls_line;

  /* [usage] */
  char *usage_database;
  guint usage_line;

  /* [metrics] */
  char *metrics_address;
  guint metrics_line;

  /* [redis] */
  char *redis_url;
  char *redis_password_file;
  char *redis_password_credential;
  char *redis_ca_file;
  char *redis_prefix;
  gboolean redis_hash_identities;
  guint redis_timeout_ms;
  char *redis_when_unavailable;
  guint redis_line;

  /* [log] */
  char *log_level;
  char *access_log;
  guint log_line;

  GPtrArray *listens;    /* OaiConfigListen */
  GPtrArray *upstreams;  /* OaiConfigUpstream */
  GPtrArray *identities; /* OaiConfigIdentity, in the order of the file */
  GPtrArray *limits;     /* OaiConfigLimits */
  GPtrArray *prices;     /* OaiConfigPrice */
} OaiProxyConfig;

/* Relative paths are below the directory of the file.  Problems are added to problems; the values that are not valid have
 * their default values then. */
OaiProxyConfig *oai_proxy_config_parse (const char *text, OaiConfigProblems *problems, const char *path);
/* Returns NULL with a problem if the file cannot be read. */
OaiProxyConfig *oai_proxy_config_load (const char *path, OaiConfigProblems *problems);
void oai_proxy_config_free (OaiProxyConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxyConfig, oai_proxy_config_free)

OaiConfigLimits *oai_proxy_config_find_limits (OaiProxyConfig *self, const char *name);

G_END_DECLS
