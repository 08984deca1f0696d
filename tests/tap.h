/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host behind a tap device: what is written there runs the whole way up in
 * the write(2), so no queue loses a packet and no sender waits for another.
 */
#ifndef _SASSER_TEST_TAP_H
#define _SASSER_TEST_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "netns.h"
#include "packet.h"

#define TAP	"tap0"

int tap_create(void);
struct flow tap_flow(int family, bool out, uint16_t sport, uint16_t dport);
size_t tap_frame(uint8_t *frame, const struct packet *packet);
int raw_open(int family);
int raw_send(int fd, const struct packet *packet, int family);

#endif /* _SASSER_TEST_TAP_H */
