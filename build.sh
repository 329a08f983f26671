#!/usr/bin/env bash
# Builds, serves and tests uarweb. It needs Go and, to test, Chromium, Firefox,
# Node.js and PyTorch, which it installs itself on Debian as root.
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
  test                                every check and test: native, js/wasm in Chromium and Node.js, end to end
  fuzz [TIME]                         every fuzz target for TIME each, by default 30s
  bench [FLAG…]                       time the engine beside onnxruntime-web in Chromium; -h explains
  bench-gpu [FLAG…]                   the same on this machine's GPU, beside onnxruntime-web on it
  train-smoke                         the training recipe on a toy, in minutes: from images to shards to a report
  generate                            write the generated files of the source anew
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
		node) any node || packages+=(nodejs) ;;
		npm) any npm || packages+=(npm) ;;
		esac
	done
	[ ${#packages[@]} = 0 ] || debian "$why" "${packages[@]}"
}

# wasm OUTPUT PACKAGE
wasm() { GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o "$1" "$2"; }

build_site() {
	say "site"
	rm -rf bin/site
	mkdir -p bin/site
	wasm bin/site/app.wasm ./wasm/app
	wasm bin/site/worker.wasm ./wasm/worker
	go run ./wasm/tools/sharememory -o bin/site/worker-shared.wasm bin/site/worker.wasm
	cp engine/device/simd/*.wasm bin/site/
	cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" bin/site/
	go run ./wasm/tools/vugudom >bin/site/vugu-dom.js
	go run ./wasm/tools/site -o serve/site wasm/page bin/site
}

build_programs() {
	say "programs"
	mkdir -p bin
	go build -trimpath -o bin/ ./serve/cmd/uarweb ./engine/cmd/uar ./weights/cmd/weights
}

build() {
	build_site
	build_programs
}

bench() {
	need "the benchmark needs Chromium, and npm to fetch what it compares with" chromium npm
	build_site
	say "benchmark"
	(cd wasm/bench && npm ci --ignore-scripts --no-audit --no-fund >&2)
	go build -trimpath -o bin/bench ./wasm/bench
	exec bin/bench "$@"
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
	say "weights"
	go build -trimpath -o bin/ ./engine/cmd/uar ./weights/cmd/weights
	bin/weights quantize "$folder/smoke.safetensors" "$folder/int8.safetensors"
	bin/weights shard "$folder/int8.safetensors" "$folder/shards"
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

# What the page's programs are made of, which is tested in the browser: all but
# these programs themselves.
browser_packages() {
	GOOS=js GOARCH=wasm go list -deps ./wasm/app ./wasm/worker ./engine/device/webgpu | grep '^uarweb/' | grep -v '^uarweb/wasm/\(app\|worker\)$'
}

# check NAME COMMAND… is a test that passes if the command does. It reports to
# tally in the words of go test -json.
check() {
	local name=$1 action=pass
	shift
	say "$name"
	"$@" 2>&1 || action=fail
	printf '{"Action":"%s","Package":"checks","Test":"%s"}\n' "$action" "$name"
}

# suite NAME ARGUMENT… runs go test.
suite() {
	local name=$1 code=0 began=$SECONDS
	shift
	say "$name"
	go test -json "$@" || code=$?
	printf '{"Action":"exit","Package":"%s","Code":%d,"Elapsed":%d}\n' "$name" "$code" $((SECONDS - began))
}

formatted() {
	local files
	files=$(gofmt -l .)
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

# Packages whose tests use the SIMD kernels, but for what they do on the portable
# backend: the same whatever the kernels.
kernels='-skip=/^portable$ ./engine ./engine/device/simd ./engine/device/internal/selftest'

# Packages of several goroutines, which are worth the race detector's price.
race='^uarweb/(serve|ui|wasm/protocol|wasm/tools|engine/internal/search)(/|$)'

checks_and_suites() {
	local browser js native
	browser=$(browser_packages)
	js="$browser ./wasm/app ./wasm/worker ./wasm/bench/worker"
	native=$(go list ./... | grep -v '^uarweb/wasm/e2e$')

	check "gofmt" formatted
	check "generated files" generated
	check "go mod tidy" go mod tidy -diff
	check "go vet" go vet ./...
	check "go vet, js/wasm" env GOOS=js GOARCH=wasm go vet $js
	check "staticcheck" bin/staticcheck ./...
	check "staticcheck, js/wasm" env GOOS=js GOARCH=wasm bin/staticcheck $js
	check "the training recipe's tests" "$python" -m unittest discover -s weights/train
	check "training, from images to shards to a report" ./build.sh train-smoke

	suite "native tests" $(grep -Ev "$race" <<<"$native")
	if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
		suite "native tests, with the race detector" -race $(grep -E "$race" <<<"$native")
	else
		suite "native tests, without the race detector, for want of a C compiler" $(grep -E "$race" <<<"$native")
	fi
	# The first runs relaxed kernels on one thread; each of the other three runs
	# another of the four modules.
	GOOS=js GOARCH=wasm suite "js/wasm tests in Chromium" -exec="$PWD/bin/chromeexec" $(grep -v /webgpu$ <<<"$browser")
	GOOS=js GOARCH=wasm suite "kernels in Chromium, on two threads" -exec="$PWD/bin/chromeexec -threads=2" $kernels
	GOOS=js GOARCH=wasm suite "kernels in Chromium, on two threads, without relaxed SIMD" -exec="$PWD/bin/chromeexec -threads=2 -relaxed=false" $kernels
	GOOS=js GOARCH=wasm suite "kernels in Node.js, without relaxed SIMD" -exec="$PWD/bin/nodeexec -relaxed=false" $kernels
	GOOS=js GOARCH=wasm suite "WebGPU in Chromium, on a software GPU" -exec="$PWD/bin/chromeexec -webgpu" ./engine/device/webgpu
	suite "end-to-end tests in browsers" -count=1 -timeout=20m ./wasm/e2e
}

# The last lines are tally's: what failed, and how many tests passed, failed and
# were skipped.
run_tests() {
	need "the tests need browsers and Node.js" chromium firefox node npm
	need_python
	build
	say "test tools"
	npm ci --ignore-scripts --no-audit --no-fund --prefix engine/device/webgpu/validate >&2
	go build -o bin/ ./wasm/tools/chromeexec ./wasm/tools/nodeexec ./wasm/tools/tally
	GOBIN=$PWD/bin go install "$staticcheck"
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

clean() {
	rm -rf bin weights/train/__pycache__ wasm/bench/node_modules engine/device/webgpu/validate/node_modules
	find serve/site -mindepth 1 ! -name .gitignore -delete
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
build) need_go; build ;;
serve) need_go; build; start uarweb "$@" ;;
test) need_go; run_tests ;;
fuzz) need_go; fuzz "$@" ;;
bench) need_go; bench "$@" ;;
bench-gpu) need_go; bench -backend webgpu "$@" ;;
train-smoke) need_go; need_python; train_smoke ;;
generate) need_go; go generate ./... ;;
clean) clean ;;
-h | --help | help) usage ;;
*) usage >&2; exit 2 ;;
esac
