// JPEG of 12 bits, by libjpeg-turbo.

#include "module.h"

#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

static void fail_with_message(j_common_ptr info, enum reason reason) {
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    fail(reason, text);
}

static void on_error(j_common_ptr info) {
    switch (info->err->msg_code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
        fail_with_message(info, UNSUPPORTED);
    case JERR_IMAGE_TOO_BIG:
    case JERR_OUT_OF_MEMORY:
    case JERR_WIDTH_OVERFLOW:
        fail_with_message(info, TOO_LARGE);
    }
    fail_with_message(info, DAMAGED);
}

// harmless says which warnings are of no pixel: components are given out as they
// are stored, whatever transform is named for them; bytes between segments and the
// version of JFIF say nothing about them; and a scan header that belongs to a
// progressive JPEG, in one that is none, is not looked at.
static int harmless(int warning) {
    return warning == JWRN_ADOBE_XFORM || warning == JWRN_EXTRANEOUS_DATA || warning == JWRN_JFIF_MAJOR || warning == JWRN_NOT_SEQUENTIAL;
}

// Level -1 is for warnings. The others are of damage that libjpeg would paint over
// with grey.
static void on_message(j_common_ptr info, int level) {
    if (level < 0 && !harmless(info->err->msg_code)) fail_with_message(info, DAMAGED);
}

const struct frame *decode(const uint8_t *stream, size_t size, uint32_t limit) {
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct info;
    info.err = jpeg_std_error(&errors);
    errors.error_exit = on_error;
    errors.emit_message = on_message;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, stream, size);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = info.jpeg_color_space; // as stored
    struct frame *frame = new_frame(info.image_width, info.image_height, info.num_components, info.data_precision, 0, limit);

    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = (JSAMPROW)frame->samples + (size_t)info.output_scanline * frame->width * frame->components;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    return frame;
}
