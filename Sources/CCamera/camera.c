#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform.h"
#include "source.h"

int32_t da_camera_open(da_camera **opened, const char *path, uint32_t width, uint32_t height, uint32_t rate) {
    *opened = NULL;
    struct stat status;
    if (stat(path, &status)) return -errno;
    da_camera *camera = calloc(1, sizeof *camera);
    if (!camera) return -ENOMEM;
    camera->fd = -1;
    int32_t error = S_ISSOCK(status.st_mode)   ? camera_open_scene(camera, path)
                    : S_ISCHR(status.st_mode) ? camera_open_device(camera, path, width, height, rate)
                                               : -ENODEV;
    if (error) {
        free(camera);
        return error;
    }
    *opened = camera;
    return 0;
}

int32_t da_camera_picture(da_camera *camera, uint8_t *jpeg, uint32_t capacity, uint64_t deadline_ns) {
    int64_t ready = da_wait_readable(&camera->fd, 1, deadline_ns);
    if (ready < 0) return (int32_t)ready;
    if (!ready) return 0;
    return camera->picture(camera, jpeg, capacity);
}

const char *da_camera_name(const da_camera *camera) { return camera->name; }

void da_camera_close(da_camera *camera) {
    camera->close(camera);
    free(camera);
}
