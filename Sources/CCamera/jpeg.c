#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "camera.h"

/* libjpeg ends the process on an error unless it is told where else to go. */
struct failure {
    struct jpeg_error_mgr base;
    jmp_buf back;
};

static void fail(j_common_ptr codec) { longjmp(((struct failure *)codec->err)->back, 1); }
static void say_nothing(j_common_ptr codec) { (void)codec; }

enum { BLOCK = 8 };

/* Splits one row of YUYV; the last pixel pair fills what a block has beyond the picture. */
static void split(const uint8_t *yuyv, uint32_t width, uint32_t padded, uint8_t *y, uint8_t *u, uint8_t *v) {
    for (uint32_t pair = 0; pair < padded / 2; pair++) {
        const uint8_t *from = yuyv + 4 * (pair < width / 2 ? pair : width / 2 - 1);
        y[2 * pair] = from[0];
        u[pair] = from[1];
        y[2 * pair + 1] = from[2];
        v[pair] = from[3];
    }
}

/* Compresses in turns of one row of blocks, which libjpeg takes as it is (raw data, 4:2:2). */
static void compress(struct jpeg_compress_struct *codec, const uint8_t *yuyv, uint32_t width, uint32_t height,
                     uint32_t padded, uint8_t *rows) {
    JSAMPROW y[BLOCK], u[BLOCK], v[BLOCK];
    JSAMPARRAY planes[] = {y, u, v};
    for (uint32_t row = 0; row < BLOCK; row++) {
        y[row] = rows + row * padded * 2;
        u[row] = y[row] + padded;
        v[row] = u[row] + padded / 2;
    }
    while (codec->next_scanline < height) {
        for (uint32_t row = 0; row < BLOCK; row++) {
            uint32_t line = codec->next_scanline + row;
            split(yuyv + (size_t)(line < height ? line : height - 1) * width * 2, width, padded, y[row], u[row], v[row]);
        }
        jpeg_write_raw_data(codec, planes, BLOCK);
    }
}

/* What lives on over a jump back: none of it is a variable of the function that is jumped into. */
struct job {
    struct jpeg_compress_struct codec;
    struct failure failure;
    const uint8_t *yuyv;
    uint32_t width, height, padded, quality;
    uint8_t *rows;
    unsigned char *made;
    unsigned long count;
};

/* 0, or -EINVAL for what libjpeg does not take. */
static int32_t attempt(struct job *job) {
    struct jpeg_compress_struct *codec = &job->codec;
    codec->err = jpeg_std_error(&job->failure.base);
    job->failure.base.error_exit = fail;
    job->failure.base.output_message = say_nothing;
    if (setjmp(job->failure.back)) return -EINVAL;
    jpeg_create_compress(codec);
    jpeg_mem_dest(codec, &job->made, &job->count);
    codec->image_width = job->width;
    codec->image_height = job->height;
    codec->input_components = 3;
    codec->in_color_space = JCS_YCbCr;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, (int)job->quality, TRUE);
    codec->raw_data_in = TRUE;
    /* 4:2:2: two values of luma beside one of each colour. */
    for (int plane = 0; plane < 3; plane++) {
        codec->comp_info[plane].h_samp_factor = plane == 0 ? 2 : 1;
        codec->comp_info[plane].v_samp_factor = 1;
    }
    jpeg_start_compress(codec, TRUE);
    compress(codec, job->yuyv, job->width, job->height, job->padded, job->rows);
    jpeg_finish_compress(codec);
    return 0;
}

int32_t da_jpeg_encode(const uint8_t *yuyv, uint32_t width, uint32_t height, uint32_t quality, uint8_t *jpeg,
                       uint32_t capacity) {
    if (width < 2 || width % 2 || height < 1 || (uint64_t)width * height * 2 > DA_RAW_PICTURE_BYTES) return -EINVAL;
    struct job job;
    memset(&job, 0, sizeof job);
    job.yuyv = yuyv;
    job.width = width;
    job.height = height;
    job.quality = quality;
    /* Two blocks of luma stand over one of chroma. */
    job.padded = (width + 2 * BLOCK - 1) / (2 * BLOCK) * (2 * BLOCK);
    job.rows = malloc((size_t)job.padded * 2 * BLOCK);
    if (!job.rows) return -ENOMEM;
    int32_t result = attempt(&job);
    if (result == 0 && job.count > capacity) result = -EMSGSIZE;
    if (result == 0) {
        memcpy(jpeg, job.made, job.count);
        result = (int32_t)job.count;
    }
    jpeg_destroy_compress(&job.codec);
    free(job.made);
    free(job.rows);
    return result;
}

int32_t da_jpeg_is_whole(const uint8_t *jpeg, uint32_t count) {
    return count > 4 && jpeg[0] == 0xFF && jpeg[1] == 0xD8 && jpeg[count - 2] == 0xFF && jpeg[count - 1] == 0xD9;
}
