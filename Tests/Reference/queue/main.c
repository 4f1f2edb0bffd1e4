/* Bare libzmq on the way that the handover queue takes: a sender, one in the middle and a receiver, each a thread with
 * a context of its own, DEALER sockets over ipc, messages of one size. Prints the bytes a second that arrive.
 *
 *     ReferenceQueue FOLDER BYTES MESSAGES
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static char in[128], out[128];
static size_t size;
static long messages;

static void fail(const char *what) {
    fprintf(stderr, "reference queue: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static void *socket_of(void *context, const char *path, int binds) {
    void *socket = zmq_socket(context, ZMQ_DEALER);
    /* A peer that is gone ends the program within 10 s. */
    int limit = 10000;
    /* As many messages as the handover queue keeps. */
    int water_mark = 32;
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &water_mark, sizeof water_mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &water_mark, sizeof water_mark);
    if ((binds ? zmq_bind(socket, path) : zmq_connect(socket, path)) != 0) fail(path);
    return socket;
}

static void *send_all(void *unused) {
    void *socket = socket_of(zmq_ctx_new(), in, 0);
    char *bytes = calloc(1, size);
    for (long i = 0; i < messages; i++)
        if (zmq_send(socket, bytes, size, 0) < 0) fail("send");
    return unused;
}

static void *pass_all(void *sockets) {
    void **both = sockets;
    for (long i = 0; i < messages; i++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, both[0], 0) < 0 || zmq_msg_send(&message, both[1], 0) < 0) fail("pass");
    }
    return NULL;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: ReferenceQueue FOLDER BYTES MESSAGES\n");
        return 64;
    }
    snprintf(in, sizeof in, "ipc://%s/in.ipc", arguments[1]);
    snprintf(out, sizeof out, "ipc://%s/out.ipc", arguments[1]);
    size = strtoul(arguments[2], NULL, 10);
    messages = strtol(arguments[3], NULL, 10);
    void *context = zmq_ctx_new();
    void *both[2] = {socket_of(context, in, 1), socket_of(context, out, 1)};
    void *receiver = socket_of(zmq_ctx_new(), out, 0);
    pthread_t sender, middle;
    pthread_create(&middle, NULL, pass_all, both);
    pthread_create(&sender, NULL, send_all, NULL);
    char *bytes = malloc(size);
    double begin = 0;
    for (long i = 0; i < messages; i++) {
        if (zmq_recv(receiver, bytes, size, 0) < 0) fail("receive");
        if (i == 0) begin = seconds();
    }
    printf("%.0f\n", (double)size * (double)(messages - 1) / (seconds() - begin));
    fflush(stdout);
    /* Without a word to libzmq: all has arrived. */
    _Exit(0);
}
