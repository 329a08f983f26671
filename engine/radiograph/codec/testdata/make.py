"""Makes the streams of this folder anew, in the current directory.

It takes the encoders from elsewhere: opj_compress of OpenJPEG, dcmcjpls and
dcmcjpeg of DCMTK with pydicom, libcharls.so.2, and for HTJ2K Node.js with
@cornerstonejs/codec-openjph in ./node_modules. codec_test.go says what each must
decode to; its picture is the one made here.
"""

import ctypes
import subprocess

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import generate_pixel_data_fragment
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

WIDTH, HEIGHT = 61, 47


def picture(bits, components=1):
    """Ramps with a pattern in their lowest bits, (height, width, components)."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    top = (1 << bits) - 1
    ramp = top * (x + 2 * y) // (WIDTH + 2 * HEIGHT)
    noise = (7 * x + 13 * y) & 3 & top
    return np.stack([(ramp, top - ramp, ramp // 2)[c] ^ noise for c in range(components)], -1)


def run(*command):
    subprocess.run([str(c) for c in command], check=True, capture_output=True)


def jpeg2000(name, samples, bits, *options, signed=False):
    kind = ">i2" if signed else ">u2" if bits > 8 else "u1"
    open("raw.raw", "wb").write(samples.transpose(2, 0, 1).astype(kind).tobytes())
    height, width, components = samples.shape
    run("opj_compress", "-i", "raw.raw", "-o", name, "-F", f"{width},{height},{components},{bits},{'s' if signed else 'u'}", *options)


ENCODE_HT = """
const [width, height, bits, quality, to] = process.argv.slice(1);
require("@cornerstonejs/codec-openjph")().then((openjph) => {
  const encoder = new openjph.HTJ2KEncoder();
  const info = { width: +width, height: +height, bitsPerSample: +bits, componentCount: 1, isSigned: false, isUsingColorTransform: false };
  encoder.getDecodedBuffer(info).set(require("fs").readFileSync("raw.raw"));
  encoder.setQuality(+quality === 0, +quality);
  encoder.encode();
  require("fs").writeFileSync(to, encoder.getEncodedBuffer());
});
"""


def htj2k(name, samples, bits, quality):
    open("raw.raw", "wb").write(samples.astype("<u2").tobytes())
    run("node", "-e", ENCODE_HT, samples.shape[1], samples.shape[0], bits, quality, name)


class FrameInfo(ctypes.Structure):
    _fields_ = [("width", ctypes.c_uint32), ("height", ctypes.c_uint32), ("bits", ctypes.c_int32), ("components", ctypes.c_int32)]


def charls(name, samples, bits, near=0, interleave=0):
    """Interleave is 0 for none, 1 by lines, 2 by samples."""
    library = ctypes.CDLL("libcharls.so.2")
    library.charls_jpegls_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(library.charls_jpegls_encoder_create())
    height, width, components = samples.shape
    if interleave == 0:
        samples = samples.transpose(2, 0, 1)
    source = samples.astype("<u2" if bits > 8 else "u1").tobytes()
    target = ctypes.create_string_buffer(2 * len(source) + 1024)
    written = ctypes.c_size_t()
    info = FrameInfo(width, height, bits, components)
    for error in (
        library.charls_jpegls_encoder_set_frame_info(encoder, ctypes.byref(info)),
        library.charls_jpegls_encoder_set_near_lossless(encoder, near),
        library.charls_jpegls_encoder_set_interleave_mode(encoder, interleave),
        library.charls_jpegls_encoder_set_destination_buffer(encoder, target, ctypes.c_size_t(len(target))),
        library.charls_jpegls_encoder_encode_from_buffer(encoder, source, ctypes.c_size_t(len(source)), 0),
        library.charls_jpegls_encoder_get_bytes_written(encoder, ctypes.byref(written)),
    ):
        assert error == 0, error
    open(name, "wb").write(target.raw[:written.value])


def dcmtk(name, samples, bits, *command):
    """The stream that a tool of DCMTK makes of a DICOM file."""
    height, width, components = samples.shape
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = FileDataset(None, {}, file_meta=meta, preamble=bytes(128), is_implicit_VR=False, is_little_endian=True)
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3"
    d.Rows, d.Columns, d.SamplesPerPixel = height, width, components
    d.PhotometricInterpretation = "RGB" if components == 3 else "MONOCHROME2"
    if components == 3:
        d.PlanarConfiguration = 0
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16 if bits > 8 else 8, bits, bits - 1, 0
    data = samples.astype("<u2" if bits > 8 else "u1").tobytes()
    d.add_new("PixelData", "OW", data + bytes(len(data) % 2))
    d.save_as("raw.dcm")
    run(*command, "raw.dcm", "encoded.dcm")
    fragments = pydicom.filebase.DicomBytesIO(pydicom.dcmread("encoded.dcm").PixelData)
    fragments.is_little_endian = True
    open(name, "wb").write(b"".join(list(generate_pixel_data_fragment(fragments))[1:]))


def main():
    for bits in (2, 8, 12, 16):
        jpeg2000(f"lossless-{bits}.j2k", picture(bits), bits)
    jpeg2000("signed-12.j2k", picture(12) - 2048, 12, signed=True)
    jpeg2000("rgb-8.j2k", picture(8, 3), 8)
    jpeg2000("tiles-12.j2k", picture(12), 12, "-t", "32,32")
    jpeg2000("lossless-12.jp2", picture(12), 12)
    jpeg2000("lossy-12.j2k", picture(12), 12, "-I", "-q", "60")
    open("raw.raw", "wb").write(bytes(32 * 32 + 2 * 16 * 16))
    run("opj_compress", "-i", "raw.raw", "-o", "subsampled-8.j2k", "-F", "32,32,3,8,u@1x1:2x2:2x2")
    htj2k("ht-lossless-12.j2k", picture(12), 12, 0)
    htj2k("ht-lossy-12.j2k", picture(12), 12, 0.0005)
    jpeg2000("bomb.j2k", np.zeros((8192, 8192, 1), int), 8)

    for bits in (2, 8, 12, 16):
        charls(f"lossless-{bits}.jls", picture(bits), bits)
    for interleave, how in enumerate(("planes", "lines", "pixels")):
        charls(f"rgb-8-{how}.jls", picture(8, 3), 8, interleave=interleave)
        charls(f"rgb-12-{how}.jls", picture(12, 3), 12, interleave=interleave)
    charls("near-12.jls", picture(12), 12, near=3)
    dcmtk("dcmtk-8.jls", picture(8), 8, "dcmcjpls", "+el")
    dcmtk("dcmtk-12.jls", picture(12), 12, "dcmcjpls", "+el")

    dcmtk("sequential-12.jpg", picture(12), 12, "dcmcjpeg", "+ee", "+q", "95")
    dcmtk("progressive-12.jpg", picture(12), 12, "dcmcjpeg", "+ep", "+q", "95")
    dcmtk("baseline-8.jpg", picture(8), 8, "dcmcjpeg", "+eb")
    run("rm", "raw.dcm", "raw.raw", "encoded.dcm")


if __name__ == "__main__":
    main()
