#include "module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct failure failure;

const struct failure *failed(void) { return &failure; }

void fail(enum reason reason, const char *text) {
    failure.reason = reason;
    strncpy(failure.text, text, sizeof failure.text - 1);
    __builtin_trap();
}

static size_t memory_limit = SIZE_MAX;

void limit_memory(size_t bytes) { memory_limit = bytes; }

// The linker has every call of malloc, calloc, realloc and posix_memalign come
// here (--wrap). That memory is used up is then a reason of its own, whatever a
// library makes of it.
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **result, size_t alignment, size_t size);

static void *check(void *allocated, size_t size) {
    const size_t page = 1 << 16;
    if ((allocated == NULL && size != 0) || __builtin_wasm_memory_size(0) * page > memory_limit)
        fail(TOO_LARGE, "it takes more memory than a decoder may have");
    return allocated;
}

void *__wrap_malloc(size_t size) { return check(__real_malloc(size), size); }
void *__wrap_calloc(size_t count, size_t size) { return check(__real_calloc(count, size), count * size); }
void *__wrap_realloc(void *old, size_t size) { return check(__real_realloc(old, size), size); }

int __wrap_posix_memalign(void **result, size_t alignment, size_t size) {
    if (__real_posix_memalign(result, alignment, size) != 0) *result = NULL;
    check(*result, size);
    return 0;
}

// There is no environment, no process and no file. With these in their places
// the C library has nothing to import, though its printf is linked with standard
// error.
char *getenv(const char *name) { return NULL; }
void exit(int code) { __builtin_trap(); }
#define CALL(name, ...) \
    int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { return 52; } // ENOSYS
CALL(fd_close, int32_t)
CALL(fd_fdstat_get, int32_t, int32_t)
CALL(fd_seek, int32_t, int64_t, int32_t, int32_t)
CALL(fd_write, int32_t, int32_t, int32_t, int32_t)

void *allocate(size_t size) { return malloc(size); }

struct frame *new_frame(uint32_t width, uint32_t height, uint32_t components, uint32_t bits, int is_signed, uint32_t limit) {
    char text[120];
    if (width == 0 || height == 0 || components == 0 || bits == 0) fail(DAMAGED, "a picture without pixels");
    if (components > 4 || bits > 16) {
        snprintf(text, sizeof text, "%u components of %u bits", components, bits);
        fail(UNSUPPORTED, text);
    }
    // Two of the factors have 32 bits, and the third is at most 4.
    if (height > limit || (uint64_t)width * height > limit / components) {
        snprintf(text, sizeof text, "%u*%u pixels of %u samples, the limit is %u samples in all", width, height, components, limit);
        fail(TOO_LARGE, text);
    }
    // The host will have the samples as well.
    uint64_t bytes = (uint64_t)sizeof(uint16_t) * width * height * components;
    if (bytes > memory_limit) fail(TOO_LARGE, "it takes more memory than a decoder may have");
    memory_limit -= bytes;
    struct frame *frame = malloc(sizeof *frame);
    *frame = (struct frame){width, height, components, bits, is_signed != 0};
    frame->samples = malloc(bytes);
    return frame;
}
