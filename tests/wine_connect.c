// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Windows program: connects to each address and port given, and says what
 * became of it: the answer of the server, or the error as Windows numbers it.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdio.h>

static void try_connect(const char *node, const char *service)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *ai;
	char buf[64];
	SOCKET s;
	int n;

	n = getaddrinfo(node, service, &hints, &ai);
	if (n) {
		printf("%s %s getaddrinfo %d\n", node, service, n);
		return;
	}
	s = socket(ai->ai_family, SOCK_STREAM, IPPROTO_TCP);
	if (s == INVALID_SOCKET ||
	    connect(s, ai->ai_addr, (int)ai->ai_addrlen) ||
	    send(s, "?", 1, 0) != 1) {
		printf("%s %s error %d\n", node, service, WSAGetLastError());
	} else {
		n = recv(s, buf, sizeof(buf), 0);
		printf("%s %s %.*s\n", node, service, n > 0 ? n : 0, buf);
	}
	closesocket(s);
	freeaddrinfo(ai);
}

int main(int argc, char **argv)
{
	WSADATA data;
	int i;

	if (argc < 3 || argc % 2 == 0) {
		fputs("usage: wine_connect ADDRESS PORT...\n", stderr);
		return 2;
	}
	if (WSAStartup(MAKEWORD(2, 2), &data)) {
		fputs("no Windows Sockets\n", stderr);
		return 1;
	}
	for (i = 1; i + 1 < argc; i += 2)
		try_connect(argv[i], argv[i + 1]);
	return 0;
}
