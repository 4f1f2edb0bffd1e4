#include "recorder.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

typedef struct recorded_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
    char path[512];     /* empty: not told    */
} recorded_file;

static sqlite3_vfs layer;
static sqlite3_vfs *beneath;
static char watched[512];
static da_recorder_note tell;

static sqlite3_file *real(sqlite3_file *file) { return ((recorded_file *)file)->real; }

static int is_watched(const char *path) { return path && strncmp(path, watched, strlen(watched)) == 0; }

static void note(sqlite3_file *file, int32_t what, int64_t offset, const void *bytes, int64_t count) {
    const char *path = ((recorded_file *)file)->path;
    if (path[0]) tell(what, path, offset, bytes, count);
}

static int file_close(sqlite3_file *file) {
    sqlite3_file *inner = real(file);
    return inner->pMethods ? inner->pMethods->xClose(inner) : SQLITE_OK;
}
static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    note(file, DA_RECORDED_WRITE, offset, bytes, count);
    return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    note(file, DA_RECORDED_TRUNCATE, 0, NULL, size);
    return real(file)->pMethods->xTruncate(real(file), size);
}
static int file_sync(sqlite3_file *file, int flags) {
    note(file, DA_RECORDED_SYNC, 0, NULL, 0);
    return real(file)->pMethods->xSync(real(file), flags);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
static int file_lock(sqlite3_file *file, int lock) { return real(file)->pMethods->xLock(real(file), lock); }
static int file_unlock(sqlite3_file *file, int lock) { return real(file)->pMethods->xUnlock(real(file), lock); }
static int file_check(sqlite3_file *file, int *result) {
    return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int file_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int file_traits(sqlite3_file *file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

/* Version 1: without shared memory and mapping, all content goes through xWrite. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    recorded_file *recorded = (recorded_file *)file;
    memset(recorded, 0, sizeof *recorded);
    recorded->real = (sqlite3_file *)(recorded + 1);
    int exists = 1;
    if (is_watched(path)) {
        snprintf(recorded->path, sizeof recorded->path, "%s", path);
        beneath->xAccess(beneath, path, SQLITE_ACCESS_EXISTS, &exists);
    }
    int code = beneath->xOpen(beneath, path, recorded->real, flags, out);
    if (code != SQLITE_OK) return code;
    recorded->base.pMethods = &methods;
    if (!exists) note(file, DA_RECORDED_CREATE, 0, NULL, 0);
    return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int is_synced) {
    (void)vfs;
    if (is_watched(path)) tell(DA_RECORDED_DELETE, path, is_synced, NULL, 0);
    return beneath->xDelete(beneath, path, is_synced);
}

int32_t da_recorder_install(const char *prefix, da_recorder_note recorder) {
    beneath = sqlite3_vfs_find(NULL);
    if (!beneath || strlen(prefix) >= sizeof watched) return SQLITE_ERROR;
    strcpy(watched, prefix);
    tell = recorder;
    layer = *beneath;
    layer.zName = "droneagent-recorder";
    layer.szOsFile = (int)sizeof(recorded_file) + beneath->szOsFile;
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    return sqlite3_vfs_register(&layer, 1);
}
