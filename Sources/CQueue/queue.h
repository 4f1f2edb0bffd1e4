/* libzmq, as Debian ships it. */
#include <zmq.h>
