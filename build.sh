#!/usr/bin/env bash
# Builds, serves and tests uarweb. It needs Go and, for all tests, Chromium,
# Firefox, WebKitGTK, Node.js, DCMTK and PyTorch, which it installs itself on Debian as root.
set -euo pipefail
caller=$PWD
cd "$(dirname "$0")"
root=$PWD

staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

usage() {
	cat <<'END'
usage: ./build.sh COMMAND

  build                               everything: the site into serve/site, the programs into bin/
  serve [-addr ADDRESS] [-weights F]  build, then serve the page, by default on 127.0.0.1:8080
  release [KEY]                       the server for Linux, Windows and macOS into bin/release, with checksums; with
                                      the page and its model signed by the private key in the file KEY
  reproduce                           build the last commit twice, in two folders, and compare
  check                               format, vet, staticcheck and the native tests but for the long ones: needs Go alone
  test                                every check and test: native, js/wasm in Chromium and Node.js, end to end
  fuzz [TIME]                         every fuzz target for TIME each, by default 30s
  trust [TIME]                        load, faults, hostile files, a long soak, and fuzzing for TIME a target, by default
                                      10m, with which 10 million inputs are tried; writes serve/TRUST.md, serve/soak.svg
  bench [FLAG…]                       time the engine beside onnxruntime-web in Chromium; -h explains
  bench-gpu [FLAG…]                   the same on this machine's GPU, beside onnxruntime-web on it
  shots [FOLDER]                      pictures of every state of the page, by default into bin/shots
  train-smoke                         the training recipe on a toy, in minutes: from images to shards to a report
  generate                            write the generated files of the source anew
  rename PATH                         give the module another path, in go.mod and in every import
  codecs                              build the decoders of compressed DICOM anew; it needs Debian 12
  clean                               remove what build made
END
}

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# debian WHY PACKAGE… installs packages as root on Debian, or says how.
debian() {
	local why=$1
	shift
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		die "$why: sudo apt-get install --no-install-recommends $*"
	fi
	say "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -o DPkg::Lock::Timeout=300 update -qq >&2
	apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >&2
}

new_go() { printf 'go1.26\n%s\n' "$(go env GOVERSION 2>/dev/null)" | sort -VC; }

need_go() {
	if command -v apt-get >/dev/null && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
		debian "Go's downloads need certificates" ca-certificates
	fi
	# Where Go's archive is unpacked to may not be on the PATH, or be behind an
	# older Go; without it, an older Go may be able to fetch a newer one.
	if ! GOTOOLCHAIN=local new_go && [ -x /usr/local/go/bin/go ]; then
		PATH=/usr/local/go/bin:$PATH
	fi
	new_go || die "Go 1.26 or newer is needed: https://go.dev/dl/"
	export GOFLAGS="$(go env GOFLAGS) -buildvcs=false"
}

# any NAME… says whether one of these programs is there.
any() {
	local name
	for name; do
		! command -v "$name" >/dev/null || return 0
	done
	return 1
}

# need WHY NAME… installs those of these programs that are not there.
need() {
	local why=$1 name packages=()
	shift
	for name; do
		case $name in
		chromium) [ -n "${CHROME:-}" ] || any chromium chromium-browser google-chrome google-chrome-stable || packages+=(chromium fonts-dejavu-core) ;;
		firefox) [ -n "${FIREFOX:-}" ] || any firefox-esr firefox || packages+=(firefox-esr) ;;
		dcmtk) any dsrdump || packages+=(dcmtk) ;;
		webkit) any WebKitWebDriver && any Xvfb || packages+=(webkit2gtk-driver xvfb) ;;
		# NodeSource's nodejs holds npm and conflicts with Debian's, so Node.js
		# must be there before it shows whether npm is wanting.
		npm) any node || debian "$why" nodejs; any npm || packages+=(npm) ;;
		esac
	done
	[ ${#packages[@]} = 0 ] || debian "$why" "${packages[@]}"
}

# npm_ci FOLDER fetches what its package-lock.json pins.
npm_ci() { npm ci --ignore-scripts --no-audit --no-fund --prefix "$1" >&2; }

# link is the linker's flag that tells a program its commit, with "+" behind it if
# files differ. A source tree without git has none.
link() {
	local commit=
	[ ! -e .git ] || commit=$(git describe --always --abbrev=12 --exclude='*' --dirty=+ 2>/dev/null) || true
	printf -- '-X=%s/weights/version.Commit=%s' "$(go list -m)" "$commit"
}

# wasm OUTPUT PACKAGE FLAG… builds a program of the browser.
wasm() { GOOS=js GOARCH=wasm go build -trimpath -ldflags="-s -w $(link)" "${@:3}" -o "$1" "$2"; }

# programs PACKAGE… builds programs of this machine into bin.
programs() {
	say "programs"
	go build -trimpath -ldflags="$(link)" -o bin/ "$@"
}

# build_site [-best] makes the site; what is released is compressed best.
build_site() {
	say "site"
	rm -rf bin/site
	mkdir -p bin/site
	# What is inlined in what computes nothing only makes the program travel longer.
	wasm bin/site/program.wasm ./wasm/program -gcflags=./ui/...=-l -gcflags=./wasm/app=-l -gcflags=github.com/vugu/...=-l
	go run ./wasm/tools/sharememory -o bin/site/program-shared.wasm bin/site/program.wasm
	cp engine/device/simd/*.wasm engine/radiograph/codec/*.wasm bin/site/
	cp engine/radiograph/codec/NOTICE.txt bin/site/decoders.txt
	cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" bin/site/
	go run ./wasm/tools/site "$@" -o serve/site wasm/page bin/site
}

build() {
	build_site
	programs ./serve/cmd/uarweb ./engine/cmd/uar ./weights/cmd/weights
}

# release builds the server for people who have no Go. The same commit and the same
# Go give the same bytes, on any machine; with the same key too, whose signature is in
# the site.
release() {
	local key=${1:-} target name
	[ -z "$key" ] || key=$(cd "$caller" && realpath "$key")
	build_site -best
	if [ -n "$key" ]; then
		programs ./serve/cmd/uarweb
		rm -rf bin/signed
		bin/uarweb export bin/signed -sign "$key"
		cp bin/signed/files.json serve/site/
	fi
	say "release"
	rm -rf bin/release
	for target in linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64; do
		name=uarweb-${target/\//-}
		[ "${target%/*}" != windows ] || name+=.exe
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -trimpath -ldflags="-s -w $(link)" -o "bin/release/$name" ./serve/cmd/uarweb
	done
	(cd bin/release && sha256sum uarweb-* >SHA256SUMS && cat SHA256SUMS)
}

# reproduce builds what is released in two clones that lie in different folders,
# each with nothing of the other in its cache.
reproduce() {
	local folder copy
	folder=$(mktemp -d)
	trap "rm -rf '$folder'" EXIT
	git clone -q . "$folder/one"
	git clone -q "$folder/one" "$folder/another/folder" # of the same commit, whatever is committed meanwhile
	for copy in one another/folder; do
		GOCACHE=$folder/${copy%%/*}.cache "$folder/$copy/build.sh" release >/dev/null
		cp "$folder/$copy/bin/release/SHA256SUMS" "$folder/${copy%%/*}.sums"
	done
	diff "$folder/one.sums" "$folder/another.sums" || die "two builds of the same commit differ"
	say "both are the same"
	cat "$folder/one.sums"
}

bench() {
	need "the benchmark needs Chromium, and npm to fetch what it compares with" chromium npm
	build_site
	say "benchmark"
	npm_ci wasm/bench
	programs ./wasm/bench
	exec bin/bench "$@"
}

shots() {
	local folder
	folder=$(cd "$caller" && realpath -m "${1:-$root/bin/shots}")
	need "pictures need Chromium, and npm to fetch what checks them" chromium npm
	build_site
	npm_ci wasm/e2e
	mkdir -p "$folder"
	go test -count=1 -timeout=30m -run='^TestStates$' ./wasm/e2e -shots="$folder"
	say "pictures in $folder"
}

# need_python sets python to one that has PyTorch, which may be Debian's behind another on the PATH.
need_python() {
	local candidate try
	for try in 1 2; do
		for candidate in python3 /usr/bin/python3; do
			if "$candidate" -c 'import numpy, PIL, scipy, torch' 2>/dev/null; then
				python=$candidate
				return
			fi
		done
		[ "$try" = 2 ] || debian "training needs PyTorch, Pillow, NumPy and SciPy" python3-torch python3-pil python3-numpy python3-scipy libopenblas0-pthread
	done
	die "no Python with torch, PIL, numpy and scipy"
}

# The recipe on synthetic images, then what a user does with its weights.
train_smoke() {
	local folder=bin/train-smoke
	rm -rf "$folder"
	mkdir -p "$folder"
	"$python" weights/train/smoke.py --out "$folder"
	programs ./engine/cmd/uar ./weights/cmd/weights
	say "weights"
	bin/weights verify "$folder/shards/manifest.json"
	say "report"
	bin/uar report -weights "$folder/shards/manifest.json" "$folder"/data/images/80-{frontal,lateral}.png
}

# start PROGRAM ARGUMENT… becomes a program of bin, where this was called, so
# that the files it is given are found.
start() {
	cd "$caller"
	exec "$root/bin/$1" "${@:2}"
}

# js_packages NAME… lists these packages for js/wasm and all of the module that
# they are made of.
js_packages() { GOOS=js GOARCH=wasm go list -deps "$@" | grep "^$(go list -m)/"; }

# native_packages lists the packages that are tested natively.
native_packages() { go list ./... | grep -v /wasm/e2e$; }

# check NAME COMMAND… is a test that passes if the command does. It reports to
# tally in the words of go test -json.
check() {
	local name=$1 action=pass
	shift
	say "$name"
	"$@" 2>&1 || action=fail
	printf '{"Action":"%s","Package":"checks","Test":"%s"}\n' "$action" "$name"
}

# suite NAME ARGUMENT… runs go test. The limit is there to end what hangs: it
# holds for every suite on a machine ten times slower than two idle cores.
suite() {
	local name=$1 code=0 began=$SECONDS
	shift
	say "$name"
	go test -json -timeout=2h "$@" || code=$?
	printf '{"Action":"exit","Package":"%s","Code":%d,"Elapsed":%d}\n' "$name" "$code" $((SECONDS - began))
}

formatted() {
	local files
	files=$(gofmt -l engine serve ui wasm weights)
	[ -z "$files" ] || { printf 'not as gofmt writes it: %s\n' $files; return 1; }
}

# The generated files of the source are what generating makes them.
generated() {
	local before
	before=$(fingerprint)
	go generate ./... && diff <(printf '%s\n' "$before") <(fingerprint)
}

fingerprint() {
	find . \( -path ./.git -o -path ./bin -o -path ./serve/site -o -name node_modules \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
}

# What can be said of the source without running it.
source_checks() {
	local js
	js=$(js_packages ./wasm/program ./wasm/bench/worker ./engine/device/webgpu)
	check "gofmt" formatted
	check "go vet" go vet ./...
	check "go vet, js/wasm" env GOOS=js GOARCH=wasm go vet $js
	check "staticcheck" bin/staticcheck ./...
	check "staticcheck, js/wasm" env GOOS=js GOARCH=wasm bin/staticcheck $js
}

# What runs a browser or Node.js: the tests of these programs, and tests of these
# names.
runners='/wasm/tools/(chromeexec|nodeexec)$'
validation='^Test(EveryShaderIsValid|TheValidatorFindsFaults)$'

quick_checks_and_tests() {
	source_checks
	suite "native tests but for the long ones" -short -skip="$validation" $(native_packages | grep -Ev "$runners")
}

# Packages whose tests use the SIMD kernels, but for what they do on the portable
# backend, the same whatever the kernels, and, after the first of these runs, the
# shipped model.
kernels='./engine ./engine/device/simd ./engine/device/internal/selftest'
every='-skip=/^portable$'
most="$every|^TestStarter\$"

checks_and_suites() {
	# Packages of several goroutines, which are worth the race detector's price.
	local race
	race="^$(go list -m)/(serve|ui|wasm/internal|engine/internal/search)(/|$)"

	source_checks
	check "generated files" generated
	check "go mod tidy" go mod tidy -diff
	check "the training recipe's tests" "$python" -m unittest discover -s weights/train
	check "training, from images to shards to a report" ./build.sh train-smoke

	suite "native tests" $(native_packages | grep -Ev "$race")
	if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
		suite "native tests, with the race detector" -race $(native_packages | grep -E "$race")
	else
		suite "native tests, without the race detector, for want of a C compiler" $(native_packages | grep -E "$race")
	fi
	suite "programs without the model" -tags=nomodel -run='^TestWithoutModel$' ./engine/cmd/uar ./serve/cmd/uarweb
	# The first runs relaxed kernels on one thread; each of the other three runs
	# another of the four modules. It tests what the page's program is made of.
	GOOS=js GOARCH=wasm suite "js/wasm tests in Chromium" -exec="$PWD/bin/chromeexec" $(js_packages ./wasm/program | grep -Ev '/(wasm/program|wasm/worker|webgpu)$')
	GOOS=js GOARCH=wasm suite "kernels in Chromium, on two threads" -exec="$PWD/bin/chromeexec -threads=2" "$every" $kernels
	GOOS=js GOARCH=wasm suite "kernels in Chromium, on two threads, without relaxed SIMD" -exec="$PWD/bin/chromeexec -threads=2 -relaxed=false" "$most" $kernels
	# Its arithmetic is that of the run before.
	GOOS=js GOARCH=wasm suite "kernels in Node.js, without relaxed SIMD" -exec="$PWD/bin/nodeexec -relaxed=false" "$most" ./engine/device/simd ./engine/device/internal/selftest
	GOOS=js GOARCH=wasm suite "WebGPU in Chromium, on a software GPU" -exec="$PWD/bin/chromeexec -webgpu" ./engine/device/webgpu
	# One waits for its browser while two compute.
	suite "end-to-end tests in browsers" -count=1 -parallel=3 ./wasm/e2e
}

check_tools() {
	say "tools of the checks"
	go build -o bin/ ./wasm/tools/tally
	GOBIN=$PWD/bin go install "$staticcheck"
}

# The last lines of both are tally's: what failed, and how many tests passed,
# failed and were skipped.
run_quick_checks() {
	check_tools
	quick_checks_and_tests | bin/tally
}

run_tests() {
	need "the tests need browsers, Node.js and DCMTK" chromium firefox webkit npm dcmtk
	need_python
	build
	check_tools
	say "tools of the tests"
	npm_ci engine/device/webgpu/validate
	npm_ci wasm/e2e
	go build -o bin/ ./wasm/tools/chromeexec ./wasm/tools/nodeexec
	checks_and_suites | bin/tally
}

fuzz() {
	local time=${1:-30s} directory target
	grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r directory; do
		grep -ho '^func Fuzz[A-Za-z0-9_]*' "$directory"/*_test.go | cut -d' ' -f2 | while read -r target; do
			say "$directory $target"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "$directory" </dev/null
		done
	done
}

# All that a test says of itself to be part of this (wasm/tools/trust), and the
# soak at full length.
trust_suites() {
	go test -json -count=1 -timeout=2h -run '^Test(Hostile|Decode|DICOM|PNG|TIFF|Load|Vocabulary|Inert|NothingOfAFile|Limits|CutOff|Refuses)' \
		./weights/... ./engine ./engine/report/... ./engine/radiograph/... ./wasm/internal/protocol
	if [ "$(go env GOHOSTARCH)" = amd64 ]; then # which runs programs for 386, whose int has 32 bits, too
		GOARCH=386 CGO_ENABLED=0 go test -json -count=1 -timeout=2h -run='^Test(LoadRefuses|Limits)' ./engine
	fi
	go test -json -count=1 -timeout=2h ./serve/cmd/uarweb
	go test -json -count=1 -timeout=12h -run '^TestSoak$' ./engine -soak=200
	go test -json -count=1 -timeout=12h ./wasm/e2e -soak=100
	fuzz "${1:-10m}"
}

trust() {
	need "the tests need browsers, Node.js and DCMTK" chromium firefox webkit npm dcmtk
	build
	npm_ci wasm/e2e
	go build -o bin/ ./wasm/tools/trust
	trust_suites "$@" 2>&1 | bin/trust bin || die "not all of it held: bin/TRUST.md"
	mv bin/TRUST.md bin/soak.svg serve/
	sed '/^## /,$d' serve/TRUST.md
}

# rename PATH: besides go.mod, only imports hold the module's path, those of
# components too.
rename() {
	local old new=${1:-} files
	old=$(go list -m)
	[[ $new =~ ^[a-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$ ]] || die "rename PATH: '$new' is no path of a module"
	mapfile -t files < <(grep -rlF --include='*.go' --include='*.vugu' "\"$old/" .)
	sed -i "s#\"${old//./\\.}/#\"$new/#g" "${files[@]}"
	go mod edit -module="$new"
	gofmt -w .
}

# The modules are committed, since few machines have what builds them.
codecs() {
	if ! any clang++-14 || [ ! -e /usr/lib/wasm32-wasi/libc++.a ]; then
		debian "the decoders need Debian 12's compiler" clang-14 lld-14 wasi-libc libc++-14-dev-wasm32 libclang-rt-14-dev-wasm32 curl xz-utils
	fi
	say "decoders"
	engine/radiograph/codec/source/build.sh bin/codecs
}

clean() {
	rm -rf bin weights/train/__pycache__ wasm/bench/node_modules engine/device/webgpu/validate/node_modules
	find serve/site -mindepth 1 ! -name .gitignore -delete
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
build) need_go; build ;;
serve) need_go; build; start uarweb "$@" ;;
release) need_go; release "$@" ;;
reproduce) need_go; reproduce ;;
check) need_go; run_quick_checks ;;
test) need_go; run_tests ;;
fuzz) need_go; fuzz "$@" ;;
trust) need_go; trust "$@" ;;
bench) need_go; bench "$@" ;;
bench-gpu) need_go; bench -backend webgpu "$@" ;;
shots) need_go; shots "$@" ;;
train-smoke) need_go; need_python; train_smoke ;;
generate) need_go; go generate ./... ;;
rename) need_go; rename "$@" ;;
codecs) codecs ;;
clean) clean ;;
-h | --help | help) usage ;;
*) usage >&2; exit 2 ;;
esac
