/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - charon's identities and authentication rounds as text, cut at the buffer's size.  Call with the IKE_SA checked out. */
#ifndef SABUS_TEXT_H
#define SABUS_TEXT_H

#include "charon.h"

/* "" for NULL and for ID_ANY ("%any": not known yet). */
void text_identity(identification_t *id, char *buf, size_t size);

/*
 * The peer's completed rounds joined by '+': "psk", "pubkey", "pubkey+eap-mschapv2", "psk+xauth".  True when one of them has an identity of its own
 * (EAP or XAuth).
 */
bool text_auth(ike_sa_t *ike, char *buf, size_t size);

#endif
