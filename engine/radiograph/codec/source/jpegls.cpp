// JPEG-LS, by CharLS.

#include "module.h"

#include <charls/charls.h>
#include <cstring>
#include <typeinfo>

// CharLS throws its errors. Nothing here catches: an exception is made in this
// buffer and thrown into fail, where the C++ runtime would begin to unwind.
alignas(16) static char exception[256];

extern "C" void *__cxa_allocate_exception(size_t size) noexcept {
    if (size > sizeof exception) __builtin_trap();
    return exception;
}

extern "C" void __cxa_throw(void *thrown, std::type_info *type, void (*)(void *)) {
    using charls::jpegls_errc;
    if (*type != typeid(charls::jpegls_error)) fail(DAMAGED, type->name());
    const auto code = static_cast<jpegls_errc>(static_cast<charls::jpegls_error *>(thrown)->code().value());
    enum reason reason = DAMAGED;
    switch (code) {
    case jpegls_errc::encoding_not_supported:
    case jpegls_errc::parameter_value_not_supported:
    case jpegls_errc::jpegls_preset_extended_parameter_type_not_supported:
    case jpegls_errc::color_transform_not_supported:
    case jpegls_errc::bit_depth_for_transform_not_supported:
        reason = UNSUPPORTED;
        break;
    default:
        break;
    }
    fail(reason, charls_get_error_message(code));
}

const frame *decode(const uint8_t *stream, size_t size, uint32_t limit) {
    // Where a stream is cut off, CharLS 2.4.2 may look for the next bit for ever;
    // at a marker it sees that there is none.
    auto *ended = static_cast<uint8_t *>(allocate(size + 2));
    std::memcpy(ended, stream, size);
    ended[size] = 0xff;
    ended[size + 1] = 0xd9; // EOI

    charls::jpegls_decoder decoder{ended, size + 2, true};
    const auto info = decoder.frame_info();
    const auto components = static_cast<uint32_t>(info.component_count);
    const auto bits = static_cast<uint32_t>(info.bits_per_sample);
    frame *frame = new_frame(info.width, info.height, components, bits, 0, limit);

    const size_t pixels = static_cast<size_t>(info.width) * info.height;
    const size_t samples = pixels * components;
    const size_t bytes = decoder.destination_size();
    const bool planar = decoder.interleave_mode() == charls::interleave_mode::none && components > 1;
    if (bits > 8 && !planar) {
        decoder.decode(frame->samples, bytes);
        return frame;
    }
    const auto *data = static_cast<uint8_t *>(allocate(bytes));
    decoder.decode(const_cast<uint8_t *>(data), bytes);
    for (size_t i = 0; i < samples; i++) {
        const size_t from = planar ? i % components * pixels + i / components : i;
        frame->samples[i] = bits > 8 ? reinterpret_cast<const uint16_t *>(data)[from] : data[from];
    }
    return frame;
}
