/* Pictures from a camera, as JPEG. One camera a process: a device streams to one open file only (V4L2, "Streaming I/O"). */
#ifndef DRONEAGENT_CAMERA_H
#define DRONEAGENT_CAMERA_H

#include <stdint.h>

/* Longest JPEG of a picture, bytes; larger ones are dropped. */
#define DA_PICTURE_BYTES (256u << 10)
/* Longest raw picture, bytes: 640 x 480 at two bytes a pixel. */
#define DA_RAW_PICTURE_BYTES (640u * 480u * 2u)

/* What stands in V4L2's place in front of a simulated scene: one SOCK_SEQPACKET message a picture, this head and the
 * pixels as YUYV (V4L2_PIX_FMT_YUYV), little-endian. */
#define DA_SCENE_MAGIC 0x4E435344u /* "DSCN" */
typedef struct da_scene_head {
    uint32_t magic;
    uint16_t width, height;
    uint64_t time_ns; /* of the scene, CLOCK_MONOTONIC */
} da_scene_head;

typedef struct da_camera da_camera;

/* Opens a V4L2 device, or connects to the socket of a simulated scene, and begins to stream about `width` x `height` at
 * `rate` pictures a second; a device may choose others. 0, or a negative errno: -ENODEV when it is no camera,
 * -EINVAL when it gives neither MJPEG nor YUYV, -EBUSY when another process streams from it. */
int32_t da_camera_open(da_camera *_Nullable *_Nonnull camera, const char *_Nonnull path, uint32_t width,
                       uint32_t height, uint32_t rate);
/* Waits at most until the absolute CLOCK_MONOTONIC time for the next picture and writes it as JPEG. Bytes written, 0 at
 * the deadline or for a picture that is damaged or too large, or a negative errno when the camera is gone. */
int32_t da_camera_picture(da_camera *_Nonnull camera, uint8_t *_Nonnull jpeg, uint32_t capacity, uint64_t deadline_ns);
/* What the camera says that it is; at most 63 bytes. */
const char *_Nonnull da_camera_name(const da_camera *_Nonnull camera);
void da_camera_close(da_camera *_Nonnull camera);

/* YUYV (4:2:2, width even) to a baseline JPEG of this quality (1 to 100), by libjpeg. Bytes, or -EINVAL, or -EMSGSIZE when
 * it is longer than `capacity`. */
int32_t da_jpeg_encode(const uint8_t *_Nonnull yuyv, uint32_t width, uint32_t height, uint32_t quality,
                       uint8_t *_Nonnull jpeg, uint32_t capacity);
/* Whether the bytes begin and end as a JPEG does (ITU T.81, B.1.1.3: SOI, EOI). */
int32_t da_jpeg_is_whole(const uint8_t *_Nonnull jpeg, uint32_t count);

#endif
