/* The least that a flight container in C can be: it answers each sample with one and the same command.
 *
 *     ReferenceController TICK_SOCKET
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "droneagent_contract.h"

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: ReferenceController TICK_SOCKET\n");
        return 64;
    }
    /* The name by which the bench finds the thread that it gives its priority. */
    pthread_setname_np(pthread_self(), "flight-control");
    int core = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
    if (connect(core, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("reference controller: connect");
        return 1;
    }
    da_hello hello = {.header = {DA_MAGIC, DA_CONTRACT_VERSION, DA_KIND_HELLO, sizeof hello}, .name = "reference"};
    da_welcome welcome;
    if (send(core, &hello, sizeof hello, MSG_NOSIGNAL) < 0 || recv(core, &welcome, sizeof welcome, 0) <= 0) return 1;
    mlockall(MCL_CURRENT | MCL_FUTURE);
    da_sample sample;
    /* Ends when the core closes its socket, or by a signal. */
    while (recv(core, &sample, sizeof sample, 0) == sizeof sample) {
        da_command command = {
            .header = {DA_MAGIC, DA_CONTRACT_VERSION, DA_KIND_COMMAND, sizeof command},
            .tick = sample.tick,
            .sample_ns = sample.scheduled_ns,
            .epoch = sample.your_epoch,
            .motor = {0.5f, 0.5f, 0.5f, 0.5f},
            .free = {0.5f, 0.5f, 0.5f, 0.5f},
        };
        if (send(core, &command, sizeof command, MSG_NOSIGNAL) < 0) break;
    }
    return 0;
}
