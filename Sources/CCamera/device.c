/* V4L2 streaming with memory mapping: kernel documentation, userspace-api/media/v4l, "Streaming I/O (Memory Mapping)". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source.h"

/* Interrupted calls are made again; a device that interrupts for ever is given up. */
static int control(int fd, unsigned long request, void *argument) {
    int result = -1;
    for (int turn = 0; turn < 16; turn++) {
        result = ioctl(fd, request, argument);
        if (result == 0 || errno != EINTR) break;
    }
    return result ? -errno : 0;
}

static void end(da_camera *camera) {
    enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    control(camera->fd, VIDIOC_STREAMOFF, &type);
    for (uint32_t index = 0; index < camera->buffer_count; index++)
        munmap(camera->buffers[index].start, camera->buffers[index].length);
    close(camera->fd);
}

static int32_t give(da_camera *camera, uint32_t index) {
    struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = index};
    return control(camera->fd, VIDIOC_QBUF, &buffer);
}

/* A webcam may leave out bytes behind the last marker, or have zeros there. */
static int32_t take_jpeg(const uint8_t *from, uint32_t count, uint8_t *jpeg, uint32_t capacity) {
    while (count > 4 && from[count - 1] == 0) count--;
    if (count > capacity || !da_jpeg_is_whole(from, count)) return 0;
    memcpy(jpeg, from, count);
    return (int32_t)count;
}

static int32_t picture(da_camera *camera, uint8_t *jpeg, uint32_t capacity) {
    struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = control(camera->fd, VIDIOC_DQBUF, &buffer);
    if (error) return error == -EAGAIN ? 0 : error;
    if (buffer.index >= camera->buffer_count) return -EPROTO;
    const uint8_t *start = camera->buffers[buffer.index].start;
    uint32_t count = buffer.bytesused < camera->buffers[buffer.index].length ? buffer.bytesused
                                                                             : camera->buffers[buffer.index].length;
    int32_t made = 0;
    if (buffer.flags & V4L2_BUF_FLAG_ERROR) {
        made = 0;
    } else if (camera->is_jpeg) {
        made = take_jpeg(start, count, jpeg, capacity);
    } else if (count >= camera->width * camera->height * 2) {
        made = da_jpeg_encode(start, camera->width, camera->height, CAMERA_QUALITY, jpeg, capacity);
    }
    error = give(camera, buffer.index);
    if (error) return error;
    return made < 0 ? 0 : made;
}

/* MJPEG costs this CPU nothing; YUYV every camera has. */
static int32_t choose(da_camera *camera, uint32_t width, uint32_t height) {
    static const uint32_t formats[] = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_YUYV};
    for (unsigned index = 0; index < sizeof formats / sizeof *formats; index++) {
        struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
        format.fmt.pix.width = width;
        format.fmt.pix.height = height;
        format.fmt.pix.pixelformat = formats[index];
        format.fmt.pix.field = V4L2_FIELD_ANY;
        int32_t error = control(camera->fd, VIDIOC_S_FMT, &format);
        if (error == -EBUSY) return error;
        if (error || format.fmt.pix.pixelformat != formats[index]) continue;
        camera->is_jpeg = formats[index] != V4L2_PIX_FMT_YUYV;
        camera->width = format.fmt.pix.width;
        camera->height = format.fmt.pix.height;
        uint64_t bytes = (uint64_t)camera->width * camera->height * 2;
        if (!camera->is_jpeg && (bytes > DA_RAW_PICTURE_BYTES || format.fmt.pix.bytesperline != camera->width * 2)) continue;
        return 0;
    }
    return -EINVAL;
}

/* A camera that has no rate to choose streams at its own. */
static void pace(da_camera *camera, uint32_t rate) {
    struct v4l2_streamparm wanted = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    wanted.parm.capture.timeperframe.numerator = 1;
    wanted.parm.capture.timeperframe.denominator = rate;
    control(camera->fd, VIDIOC_S_PARM, &wanted);
}

static int32_t map(da_camera *camera) {
    struct v4l2_requestbuffers wanted = {
        .count = CAMERA_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = control(camera->fd, VIDIOC_REQBUFS, &wanted);
    if (error) return error;
    uint32_t count = wanted.count < CAMERA_BUFFERS ? wanted.count : CAMERA_BUFFERS;
    if (count < 2) return -ENOMEM;
    for (uint32_t index = 0; index < count; index++) {
        struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = index};
        error = control(camera->fd, VIDIOC_QUERYBUF, &buffer);
        if (error) return error;
        void *start = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, camera->fd, buffer.m.offset);
        if (start == MAP_FAILED) return -errno;
        camera->buffers[index].start = start;
        camera->buffers[index].length = buffer.length;
        camera->buffer_count = index + 1;
        error = give(camera, index);
        if (error) return error;
    }
    return 0;
}

static int32_t begin(da_camera *camera, uint32_t width, uint32_t height, uint32_t rate) {
    struct v4l2_capability about = {0};
    int32_t error = control(camera->fd, VIDIOC_QUERYCAP, &about);
    if (error) return error == -ENOTTY ? -ENODEV : error;
    uint32_t can = about.capabilities & V4L2_CAP_DEVICE_CAPS ? about.device_caps : about.capabilities;
    if (!(can & V4L2_CAP_VIDEO_CAPTURE) || !(can & V4L2_CAP_STREAMING)) return -ENODEV;
    strncpy(camera->name, (const char *)about.card, sizeof camera->name - 1);
    error = choose(camera, width, height);
    if (error) return error;
    pace(camera, rate);
    error = map(camera);
    if (error) return error;
    enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return control(camera->fd, VIDIOC_STREAMON, &type);
}

int32_t camera_open_device(da_camera *camera, const char *path, uint32_t width, uint32_t height, uint32_t rate) {
    camera->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (camera->fd < 0) return -errno;
    camera->picture = picture;
    camera->close = end;
    int32_t error = begin(camera, width, height, rate);
    if (error) end(camera);
    return error;
}
