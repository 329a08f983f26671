// JPEG 2000 and HTJ2K, by OpenJPEG.

#include "module.h"

#include <openjpeg.h>
#include <stdlib.h>
#include <string.h>

// A source is the stream as OpenJPEG reads it.
struct source {
    const uint8_t *bytes;
    size_t size, position;
};

static OPJ_SIZE_T read_bytes(void *to, OPJ_SIZE_T size, void *user) {
    struct source *source = user;
    size_t left = source->size - source->position;
    if (left == 0) return (OPJ_SIZE_T)-1; // the end
    if (size > left) size = left;
    memcpy(to, source->bytes + source->position, size);
    source->position += size;
    return size;
}

static OPJ_BOOL seek(OPJ_OFF_T position, void *user) {
    struct source *source = user;
    if (position < 0 || (uint64_t)position > source->size) return OPJ_FALSE;
    source->position = (size_t)position;
    return OPJ_TRUE;
}

static OPJ_OFF_T skip(OPJ_OFF_T bytes, void *user) {
    struct source *source = user;
    if (bytes < 0 || (uint64_t)bytes > source->size - source->position) return -1;
    source->position += (size_t)bytes;
    return bytes;
}

// An error comes before the function that had it returns, and is the first of
// several: those that follow say where, from the inside out.
static void on_error(const char *message, void *user) {
    (void)user;
    fail(DAMAGED, message);
}

static void ensure(OPJ_BOOL done, const char *what) {
    if (!done) fail(DAMAGED, what);
}

const struct frame *decode(const uint8_t *stream, size_t size, uint32_t limit) {
    // A code stream begins with SOC and SIZ (T.800 §A.4.1); all else may be a JP2
    // file, of which the code stream alone counts.
    OPJ_BOOL bare = size >= 4 && memcmp(stream, "\xff\x4f\xff\x51", 4) == 0;
    opj_codec_t *codec = opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
    opj_set_error_handler(codec, on_error, NULL);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    ensure(opj_setup_decoder(codec, &parameters), "setup");

    struct source source = {stream, size, 0};
    opj_stream_t *input = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
    opj_stream_set_user_data(input, &source, NULL);
    opj_stream_set_user_data_length(input, size);
    opj_stream_set_read_function(input, read_bytes);
    opj_stream_set_seek_function(input, seek);
    opj_stream_set_skip_function(input, skip);

    opj_image_t *image;
    ensure(opj_read_header(input, codec, &image), "no code stream");
    const opj_image_comp_t *first = image->comps;
    for (const opj_image_comp_t *c = first; c < first + image->numcomps; c++) {
        if (c->dx != 1 || c->dy != 1 || c->prec != first->prec || c->sgnd != first->sgnd)
            fail(UNSUPPORTED, "its components differ in size or bits, or have not the size of the picture");
    }
    struct frame *frame = new_frame(image->x1 - image->x0, image->y1 - image->y0, image->numcomps, first->prec, first->sgnd, limit);

    // OpenJPEG would leave a tile that is not there black, hence tile by tile.
    size_t missing = (size_t)frame->width * frame->height;
    static uint8_t seen[1 << 16]; // the number of a tile has 16 bits
    for (;;) {
        OPJ_UINT32 tile, bytes, components;
        OPJ_INT32 x0, y0, x1, y1;
        OPJ_BOOL more;
        ensure(opj_read_tile_header(codec, input, &tile, &bytes, &x0, &y0, &x1, &y1, &components, &more), "a tile's header");
        if (!more) break;
        if (seen[tile]++) fail(DAMAGED, "a tile is there twice");
        uint8_t *data = malloc(bytes);
        ensure(opj_decode_tile_data(codec, tile, data, bytes, input), "a tile");

        // The data are plane by plane, in samples of as few bytes as hold them.
        const uint8_t *next = data;
        for (uint32_t c = 0; c < frame->components; c++) {
            for (OPJ_INT32 y = y0; y < y1; y++) {
                size_t row = (size_t)(y - (OPJ_INT32)image->y0) * frame->width + (size_t)(x0 - (OPJ_INT32)image->x0);
                uint16_t *to = frame->samples + row * frame->components + c;
                for (OPJ_INT32 x = x0; x < x1; x++, to += frame->components) {
                    if (frame->bits > 8) {
                        *to = (uint16_t)(next[0] | next[1] << 8);
                        next += 2;
                    } else {
                        *to = frame->is_signed ? (uint16_t)(int8_t)*next : *next;
                        next++;
                    }
                }
            }
        }
        free(data);
        missing -= (size_t)(x1 - x0) * (size_t)(y1 - y0);
        if (missing == 0) break;
    }
    if (missing != 0) fail(DAMAGED, "tiles are missing");
    return frame;
}
