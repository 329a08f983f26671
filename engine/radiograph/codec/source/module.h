// What the modules have in common: each is one library behind the function
// decode, for package codec (engine/radiograph/codec).
//
// A module imports nothing. The host limits its memory, puts a stream into memory
// of allocate and calls decode once; then it throws the instance away, so nothing is freed for
// the sake of order. A library's error ends in fail, which traps: there is no
// stack to unwind and no state to repair.

#ifndef MODULE_H
#define MODULE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EXPORT(name) __attribute__((export_name(#name))) name

// A frame is what decode returns: codec.Frame, with the address of the samples
// in the same order.
struct frame {
    uint32_t width, height, components, bits, is_signed;
    uint16_t *samples;
};

// limit_memory bounds the bytes that the module and the host's copy of the frame
// take together. Without it the module's own maximum is the bound.
void EXPORT(limit_memory)(size_t bytes);

// allocate returns size bytes.
void *EXPORT(allocate)(size_t size);

// decode decodes a stream of at most limit samples.
const struct frame *EXPORT(decode)(const uint8_t *stream, size_t size, uint32_t limit);

// The reasons for a failure, as codec.reasons lists them.
enum reason { DAMAGED, UNSUPPORTED, TOO_LARGE };

// A failure is what the host finds at the address that failed returns, once
// decode has trapped: the reason and a text that ends with a zero. A trap that
// fail did not cause leaves no text.
struct failure {
    uint32_t reason;
    char text[252];
};
const struct failure *EXPORT(failed)(void);

// fail ends decode.
__attribute__((noreturn)) void fail(enum reason reason, const char *text);

// new_frame checks what a stream's header says against the limits, and allocates
// the samples.
struct frame *new_frame(uint32_t width, uint32_t height, uint32_t components, uint32_t bits, int is_signed, uint32_t limit);

#ifdef __cplusplus
}
#endif

#endif
