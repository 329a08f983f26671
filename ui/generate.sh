#!/bin/sh
# Generates Go from the templates of this folder and those below, and leaves out the
# spaces that only lay a template out: they would be half of all nodes, which each
# render makes anew, and a twentieth of the page's program.
set -eu
go tool vugugen -r -skip-go-mod -skip-main .
for f in *_gen.go */*_gen.go; do
	sed -e '/VGNodeType(1), Data: "\\n\(\\t\)*"}$/{N;d;}' "$f" >"$f.new"
	mv "$f.new" "$f"
done
gofmt -w *_gen.go */*_gen.go
