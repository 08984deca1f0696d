// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic for the shell tests: a server for many ports, and a client that
 * tries many at once and says what became of each.
 *
 * The client ends its connections by a reset and the server never speaks last,
 * so when the client has exited no packet of it is on its way, and counters
 * can be compared.
 */
#define _GNU_SOURCE	/* accept4() */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX	512

static const char *device;		/* bind to it */
static const char *address;		/* own address */
static const char *port;		/* own port */
static const char *name = "served";	/* what the server answers with */
static bool udp;
static int limit = 30000;		/* of the client, in milliseconds */

static struct pollfd fds[SOCKETS_MAX];
static char label[SOCKETS_MAX][80];	/* client: what it is connected to */
static bool listens[SOCKETS_MAX];	/* server: not a connection */
static unsigned int n_fds;

static void usage(void)
{
	fputs("usage: peer listen [-u] [-d DEVICE] [-a ADDRESS] [-n ANSWER] PORT,...\n"
	      "       peer connect [-u] [-d DEVICE] [-a ADDRESS] [-s PORT] [-t MS]\n"
	      "                    PORT,... ADDRESS...\n", stderr);
	exit(2);
}

static struct addrinfo *resolve(const char *node, const char *service)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM,
	};
	struct addrinfo *ai;
	int rc;

	rc = getaddrinfo(node, service, &hints, &ai);
	if (rc)
		errx(2, "%s port %s: %s", node, service, gai_strerror(rc));
	return ai;
}

static int open_socket(int family)
{
	int fd, one = 1;

	fd = socket(family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
	if (fd < 0)
		err(2, "socket");
	/* a client may have a port on which a server of its host listens */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)))
		err(2, "sharing a port");
	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
				 strlen(device)))
		err(2, "binding to device %s", device);
	return fd;
}

static int add(int fd, short events)
{
	if (n_fds == SOCKETS_MAX)
		errx(2, "more than %d sockets", SOCKETS_MAX);
	fds[n_fds].fd = fd;
	fds[n_fds].events = events;
	return n_fds++;
}

static void server_bind(const char *service)
{
	struct addrinfo *ai = resolve(address ? address : "::", service);
	int fd = open_socket(ai->ai_family);

	if (bind(fd, ai->ai_addr, ai->ai_addrlen))
		err(2, "binding to port %s", service);
	if (!udp && listen(fd, 64))
		err(2, "listening on port %s", service);
	listens[add(fd, POLLIN)] = true;
	freeaddrinfo(ai);
}

/* Accepts, or answers once; the client is the one to close. */
static void server_event(unsigned int i)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char buf[64];
	int fd;

	if (udp) {
		if (recvfrom(fds[i].fd, buf, sizeof(buf), 0,
			     (struct sockaddr *)&from, &len) >= 0)
			sendto(fds[i].fd, name, strlen(name), 0,
			       (struct sockaddr *)&from, len);
	} else if (listens[i]) {
		fd = accept4(fds[i].fd, NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			listens[add(fd, POLLIN)] = false;
	} else if (recv(fds[i].fd, buf, sizeof(buf), 0) > 0) {
		send(fds[i].fd, name, strlen(name), MSG_NOSIGNAL);
	} else {
		close(fds[i].fd);
		n_fds--;
		fds[i] = fds[n_fds];
		listens[i] = listens[n_fds];
	}
}

static int server(char *ports)
{
	unsigned int i;
	char *service;

	for (service = strtok(ports, ","); service; service = strtok(NULL, ","))
		server_bind(service);
	puts("ready");
	fflush(stdout);

	for (;;) {
		if (poll(fds, n_fds, -1) < 0)
			err(2, "poll");
		/* backwards: a closed one is replaced by the last */
		for (i = n_fds; i-- > 0;)
			if (fds[i].revents)
				server_event(i);
	}
}

/* A line of result, and the end of the connection. */
static void client_done(unsigned int i, const char *result)
{
	struct linger linger = { .l_onoff = 1 };

	if (!udp && setsockopt(fds[i].fd, SOL_SOCKET, SO_LINGER, &linger,
			       sizeof(linger)))
		err(2, "SO_LINGER");
	close(fds[i].fd);
	fds[i].fd = -1;
	printf("%s %s\n", label[i], result);
}

static void client_failed(unsigned int i, int error)
{
	client_done(i, error == ECONNREFUSED ? "refused" :
		       error == ETIMEDOUT ? "timeout" :
		       error == EPERM ? "forbidden" : strerror(error));
}

static void client_connect(const char *node, const char *service)
{
	struct addrinfo *ai = resolve(node, service), *own;
	int fd = open_socket(ai->ai_family);
	unsigned int i;

	if (address || port) {
		own = resolve(address ? address :
			      ai->ai_family == AF_INET ? "0.0.0.0" : "::",
			      port ? port : "0");
		if (bind(fd, own->ai_addr, own->ai_addrlen))
			err(2, "binding to own port %s", port ? port : "any");
		freeaddrinfo(own);
	}
	i = add(fd, POLLOUT);
	snprintf(label[i], sizeof(label[i]), "%s %s", node, service);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) && errno != EINPROGRESS)
		client_failed(i, errno);
	freeaddrinfo(ai);
}

static void client_event(unsigned int i)
{
	socklen_t len = sizeof(int);
	char buf[64];
	ssize_t n;
	int error;

	if (getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &error, &len))
		err(2, "SO_ERROR");
	if (error) {
		client_failed(i, error);
	} else if (fds[i].events == POLLOUT) {
		fds[i].events = POLLIN;
		if (send(fds[i].fd, "?", 1, MSG_NOSIGNAL) < 0)
			client_failed(i, errno);
	} else {
		n = recv(fds[i].fd, buf, sizeof(buf) - 1, 0);
		if (n < 0) {
			client_failed(i, errno);
			return;
		}
		buf[n] = '\0';
		client_done(i, n ? buf : "closed");
	}
}

static int now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int client(char *ports, char **nodes)
{
	int until = now() + limit, left, n;
	unsigned int i;
	char *service;

	for (service = strtok(ports, ","); service; service = strtok(NULL, ","))
		for (n = 0; nodes[n]; n++)
			client_connect(nodes[n], service);

	while ((left = until - now()) > 0) {
		/* a socket that is done has no descriptor and is passed over */
		for (i = 0, n = 0; i < n_fds; i++)
			n += fds[i].fd >= 0;
		if (!n)
			return 0;
		if (poll(fds, n_fds, left) < 0)
			err(2, "poll");
		for (i = 0; i < n_fds; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				client_event(i);
	}
	for (i = 0; i < n_fds; i++)
		if (fds[i].fd >= 0)
			client_done(i, "timeout");
	return 0;
}

int main(int argc, char **argv)
{
	int opt;

	if (argc < 2)
		usage();
	while ((opt = getopt(argc - 1, argv + 1, "a:d:n:s:t:u")) != -1) {
		switch (opt) {
		case 'a':
			address = optarg;
			break;
		case 'd':
			device = optarg;
			break;
		case 'n':
			name = optarg;
			break;
		case 's':
			port = optarg;
			break;
		case 't':
			limit = atoi(optarg);
			break;
		case 'u':
			udp = true;
			break;
		default:
			usage();
		}
	}
	argv += optind + 1;
	argc -= optind + 1;
	if (argc == 1 && !strcmp(argv[-optind], "listen"))
		return server(argv[0]);
	if (argc >= 2 && !strcmp(argv[-optind], "connect"))
		return client(argv[0], argv + 1);
	usage();
}
