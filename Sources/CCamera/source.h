/* The seam below which a camera is a device or a simulated scene. */
#ifndef DRONEAGENT_CAMERA_SOURCE_H
#define DRONEAGENT_CAMERA_SOURCE_H

#include "camera.h"

enum { CAMERA_QUALITY = 70, CAMERA_BUFFERS = 4 };

struct da_camera {
    int32_t fd;
    uint32_t width, height;
    int is_jpeg; /* the device compresses by itself */
    char name[64];
    /* As da_camera_picture. */
    int32_t (*picture)(da_camera *camera, uint8_t *jpeg, uint32_t capacity);
    void (*close)(da_camera *camera);
    struct {
        void *start;
        uint32_t length;
    } buffers[CAMERA_BUFFERS];
    uint32_t buffer_count;
    uint8_t raw[sizeof(da_scene_head) + DA_RAW_PICTURE_BYTES];
};

int32_t camera_open_device(da_camera *camera, const char *path, uint32_t width, uint32_t height, uint32_t rate);
int32_t camera_open_scene(da_camera *camera, const char *path);

#endif
