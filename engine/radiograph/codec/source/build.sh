#!/usr/bin/env bash
# Builds the modules of package codec from Debian's sources of the libraries:
#
#   engine/radiograph/codec/source/build.sh DIRECTORY
#
# It downloads what is not in DIRECTORY yet and writes the modules beside this
# package's Go files. The same toolchain gives the same bytes: that of Debian 12,
# clang-14, lld-14, wasi-libc, libc++-14-dev-wasm32 and libclang-rt-14-dev-wasm32.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"

archive=http://deb.debian.org/debian/pool/main

# library NAME SHA256 PATH unpacks an upstream archive into the folder NAME.
# Debian's patches to these versions touch no decoder.
library() {
	local name=$1 sum=$2 file=${3##*/}
	[ -e "$file" ] || curl -fsS -o "$file" "$archive/$3"
	echo "$sum  $file" | sha256sum --check --quiet
	rm -rf "$name"
	mkdir "$name"
	tar xf "$file" -C "$name" --strip-components=1
}

# module NAME FLAG… links one module from sources and flags of the compiler. What
# it may have of memory is what 64 Mi samples of JPEG 2000 take; the stack comes
# first, so that an overflow traps.
module() {
	local name=$1
	shift
	clang++-14 --target=wasm32-wasi -Oz -w -DNDEBUG -ffunction-sections -fdata-sections -fvisibility=hidden \
		-ffile-prefix-map="$PWD"=. -ffile-prefix-map="$source"=source -I"$source" \
		-mexec-model=reactor -Wl,--gc-sections,--strip-all,--stack-first \
		-Wl,-z,stack-size=$((256 << 10)),--max-memory=$((768 << 20)) \
		-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=posix_memalign \
		-o "$source/../$name.wasm" "$@" -x c "$source/module.c" -x none -lc-printscan-no-floating-point
	chmod -x "$source/../$name.wasm"
}

library openjpeg 6f6cf917e9587bc2df83aee5b51aa22dd56111640b3bad290b93443b6a4682b7 o/openjpeg2/openjpeg2_2.5.4.orig.tar.xz
library charls d1c2c35664976f1e43fec7764d72755e6a50a80f38eca70fcc7553cad4fe19d9 c/charls/charls_2.4.2.orig.tar.gz
library libjpeg 254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c libj/libjpeg-turbo/libjpeg-turbo_2.1.5.orig.tar.gz

codec=openjpeg/src/lib/openjp2
module jpeg2000 -I"$source/openjpeg" -I$codec -x c "$source/jpeg2000.c" \
	$codec/{bio,cio,dwt,event,function_list,ht_dec,image,invert,j2k,jp2,mct,mqc,openjpeg,opj_malloc,pi,sparse_array,t1,t2,tcd,tgt,thread}.c
module jpegls -fexceptions -DCHARLS_STATIC -DCHARLS_LIBRARY_BUILD -Icharls/include "$source/jpegls.cpp" \
	charls/src/{charls_jpegls_decoder,jpeg_stream_reader,jpegls,jpegls_error,validate_spiff_header}.cpp -lc++ -lc++abi
module jpeg -I"$source/libjpeg" -Ilibjpeg -x c "$source/jpeg.c" \
	libjpeg/{jcomapi,jdapimin,jdapistd,jdatasrc,jdcoefct,jdcolor,jddctmgr,jdhuff,jdinput,jdmainct,jdmarker,jdmaster,jdmerge,jdphuff,jdpostct,jdsample,jerror,jidctflt,jidctfst,jidctint,jidctred,jmemmgr,jmemnobs,jquant1,jquant2,jsimd_none,jutils}.c
