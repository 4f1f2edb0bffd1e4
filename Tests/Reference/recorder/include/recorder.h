/* A layer between SQLite and its files (https://www.sqlite.org/vfs.html) that tells what is written, synced and
 * deleted, so that a test can say what a power cut would leave. */
#ifndef DRONEAGENT_RECORDER_H
#define DRONEAGENT_RECORDER_H

#include <stdint.h>

enum da_recorded { DA_RECORDED_CREATE, DA_RECORDED_WRITE, DA_RECORDED_TRUNCATE, DA_RECORDED_SYNC, DA_RECORDED_DELETE };

/* What was done, before it is done: `offset` and `bytes` of a write, `count` of it or the length after a truncate. */
typedef void (*da_recorder_note)(int32_t what, const char *_Nonnull path, int64_t offset,
                                 const void *_Nullable bytes, int64_t count);

/* Makes the layer the default of this process, once; only files whose path begins with `prefix` are told. Returns an
 * SQLite code. */
int32_t da_recorder_install(const char *_Nonnull prefix, da_recorder_note _Nonnull note);

#endif
