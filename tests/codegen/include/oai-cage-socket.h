/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A socket class that is written by hand. */

#pragma once

#include "oai-web-socket.h"

G_BEGIN_DECLS

#define OAI_TYPE_CAGE_SOCKET (oai_cage_socket_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiCageSocket, oai_cage_socket, OAI, CAGE_SOCKET, OaiWebSocket)

G_END_DECLS
