/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-local-server-table-private.h"

static const OaiLocalAddress addresses[] = {
  { 11434, NULL, "/v1", "Ollama" },
  { 8080, NULL, "/v1", NULL }, /* llama.cpp, llamafile, LocalAI, MLX, RamaLama */
  { 1234, NULL, "/v1", "LM Studio" },
  { 8000, NULL, "/v1", NULL }, /* vLLM, Lemonade */
  { 1337, NULL, "/v1", "Jan" },
  { 5001, NULL, "/v1", "KoboldCpp" },
  { 5000, NULL, "/v1", NULL }, /* text-generation-webui, TabbyAPI */
  { 30000, NULL, "/v1", "SGLang" },
  { 4891, NULL, "/v1", "GPT4All" },
  { 12434, NULL, "/engines/v1", "Docker Model Runner" },
  { 0, "llama.cpp.sock", "/v1", "llama.cpp" },
  { 0, "llama-server.sock", "/v1", "llama.cpp" },
  { 0, "llama.sock", "/v1", "llama.cpp" },
  { 0, "ollama.sock", "/v1", "Ollama" },
  { 0, "vllm.sock", "/v1", "vLLM" },
  { 0, "/run/llama.cpp.sock", "/v1", "llama.cpp" },
  { 0, "/run/llama-server.sock", "/v1", "llama.cpp" },
  { 0, "/run/llama.sock", "/v1", "llama.cpp" },
  { 0, "/run/ollama.sock", "/v1", "Ollama" },
  { 0, "/run/vllm.sock", "/v1", "vLLM" },
  { 0, NULL, NULL, NULL },
};

static const OaiLocalTrait traits[] = {
  { "llamafile", "llamafile", NULL, NULL, NULL },
  { "llama.cpp", "llama.cpp", "llamacpp", NULL, NULL },
  { "Ollama", NULL, "library", "/", "Ollama is running" },
  { "LM Studio", NULL, "organization_owner", NULL, NULL },
  { "vLLM", NULL, "vllm", NULL, NULL },
  { "SGLang", NULL, "sglang", NULL, NULL },
  { "KoboldCpp", "KoboldCpp", "koboldcpp", NULL, NULL },
  { "TabbyAPI", NULL, "tabbyAPI", NULL, NULL },
  { "Docker Model Runner", NULL, "docker", NULL, NULL },
  { "Lemonade", NULL, "lemonade", NULL, NULL },
  { "LocalAI", NULL, NULL, "/", "LocalAI" },
  { "text-generation-webui", NULL, NULL, "/v1/internal/model/info", "\"model_name\"" },
  { NULL, NULL, NULL, NULL, NULL },
};

static const OaiLocalServerTable known = { addresses, traits };

static const OaiLocalServerTable *replaced;

const OaiLocalServerTable *
oai_local_server_table_get (void)
{
  const OaiLocalServerTable *table = g_atomic_pointer_get (&replaced);

  return table != NULL ? table : &known;
}

void
oai_local_server_table_replace (const OaiLocalServerTable *table)
{
  g_atomic_pointer_set (&replaced, table);
}
