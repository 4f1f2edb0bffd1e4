#include <errno.h>
#include <string.h>

#include "platform.h"
#include "source.h"

static int32_t picture(da_camera *camera, uint8_t *jpeg, uint32_t capacity) {
    int32_t count = da_packet_receive(camera->fd, camera->raw, sizeof camera->raw);
    if (count == 0) return -ENODEV;
    if (count == -EAGAIN) return 0;
    if (count < 0) return count;
    da_scene_head head;
    if ((size_t)count < sizeof head) return 0;
    memcpy(&head, camera->raw, sizeof head);
    if (head.magic != DA_SCENE_MAGIC || (uint64_t)head.width * head.height * 2 != (uint64_t)count - sizeof head) return 0;
    int32_t made = da_jpeg_encode(camera->raw + sizeof head, head.width, head.height, CAMERA_QUALITY, jpeg, capacity);
    /* One picture that cannot be had is no camera that is gone. */
    return made < 0 ? 0 : made;
}

static void end(da_camera *camera) { da_close(camera->fd); }

int32_t camera_open_scene(da_camera *camera, const char *path) {
    camera->fd = da_packet_connect(path);
    if (camera->fd < 0) return camera->fd;
    strcpy(camera->name, "simulated scene");
    camera->picture = picture;
    camera->close = end;
    return 0;
}
